/*
title: Monthly orders and revenue
description: How many orders each month had, and what they add up to. Every kept order counts, whatever its status.
chart: line
position: 2
*/
SELECT
    CAST(date_trunc('month', order_date) AS date) AS month,
    count(*) AS orders,
    sum(amount) AS revenue
FROM orders
GROUP BY CAST(date_trunc('month', order_date) AS date)
ORDER BY month
