-- What stands before every panel: two relations, in the one form that Athena and DuckDB both
-- read, give the same rows for, and are fast with. compose puts them together; the engine that
-- keeps `latest` as a table builds it by the same text.

-- relation: latest
-- the newest version of every order; where a kept and a dropped one tie, the dropped one wins.
-- one max_by over a whole row: a max_by per column would skip NULLs and so mix two versions.
-- received_at is the first part of the key, so its own max is that version's, and a panel that
-- needs nothing else reads nothing else.
SELECT
    order_id,
    newest.customer AS customer,
    newest.amount AS amount,
    newest.status AS status,
    newest.order_date AS order_date,
    newest.source_key AS source_key,
    newest.source_line AS source_line,
    received_at,
    newest.kept AS kept
FROM (
    SELECT
        order_id,
        max(received_at) AS received_at,
        max_by(
            CAST(
                row(customer, amount, status, order_date, source_key, source_line, kept)
                AS row(
                    customer varchar,
                    amount decimal(18, 2),
                    status varchar,
                    order_date date,
                    source_key varchar,
                    source_line bigint,
                    kept boolean
                )
            ),
            row(received_at, source_key, source_line, NOT kept)
        ) AS newest
    FROM (
        SELECT
            order_id, customer, amount, status, order_date,
            source_key, source_line, received_at, true AS kept
        FROM processed
        UNION ALL
        SELECT
            order_id, customer, amount, status, order_date,
            source_key, source_line, received_at, false AS kept
        FROM dropped
    ) AS versions
    GROUP BY order_id
) AS reduced

-- relation: orders
-- what panels read: the kept orders, narrowed by the filter bar, which goes on after this WHERE.
SELECT
    order_id, customer, amount, status, order_date, source_key, source_line, received_at
FROM latest
WHERE kept
