/*
title: Average order value
description: What an order of each customer is worth on average, rounded half up to the cent. Every kept order counts, whatever its status.
chart: bar
position: 4
*/
-- the engines divide decimals differently, doubles alike: a sum of whole cents divided by a count
-- rounds right as long as the sum stays under 2^52 cents (45 million million)
SELECT
    customer,
    CAST(
        CAST(
            round(CAST(sum(amount) * 100 AS double) / CAST(count(amount) AS double))
            AS decimal(20, 0)
        ) * DECIMAL '0.01'
        AS decimal(20, 2)
    ) AS average_order_value
FROM orders
GROUP BY customer
ORDER BY average_order_value DESC, customer
