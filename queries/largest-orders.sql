/*
title: Largest orders
description: The ten largest orders of one month. Every kept order counts, whatever its status.
chart: none
position: 5
ignores: [span]
parameters:
  - name: month
    type: month
    title: Month
*/
-- without a month: the newest one with orders that is not after the newest export's, so that a
-- mistyped date far ahead does not hide the present
WITH dated AS (
    SELECT
        order_date,
        order_id,
        customer,
        amount,
        max(
            CASE WHEN order_date < newest.next_month THEN order_date END
        ) OVER () AS newest_day
    FROM orders
    CROSS JOIN (
        SELECT
            CAST(date_trunc('month', max(received_at)) AS date) + INTERVAL '1' MONTH AS next_month
        FROM latest
    ) AS newest
)
SELECT order_date, order_id, customer, amount
FROM dated
WHERE
    order_date >= coalesce(?, CAST(date_trunc('month', newest_day) AS date))
    AND order_date < coalesce(?, CAST(newest_day + INTERVAL '1' DAY AS date))
ORDER BY amount DESC, order_id
LIMIT 10
