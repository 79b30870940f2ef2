/*
title: Order status
description: How the kept orders spread over the statuses. Pending and cancelled ones are only the recent ones; the rule drops the older.
chart: share
position: 3
*/
SELECT
    status,
    count(*) AS orders,
    sum(amount) AS revenue
FROM orders
GROUP BY status
ORDER BY orders DESC, status
