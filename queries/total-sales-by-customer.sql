/*
title: Total sales by customer
description: What each customer's orders add up to, refunds subtracted. Every kept order counts, whatever its status.
chart: bar
position: 1
*/
SELECT
    customer,
    sum(amount) AS total_sales
FROM orders
GROUP BY customer
ORDER BY total_sales DESC, customer
