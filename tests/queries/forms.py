"""Forms of SQL: those that both engines answer alike, and those that one refuses or answers apart.

tests/queries holds the loader to this table, tests/engines holds the table to the engines.
"""

ALIKE = (
    # dates
    "SELECT extract(DOW FROM order_date) % 7 AS x FROM orders ORDER BY order_id",
    "SELECT (extract(DOW FROM order_date) + 6) % 7 + 1 AS x FROM orders ORDER BY order_id",
    "SELECT mod(extract(DOW FROM order_date), 7) AS x FROM orders ORDER BY order_id",
    "SELECT extract(YEAR FROM order_date) AS a, extract(QUARTER FROM order_date) AS b, "
    "extract(MONTH FROM order_date) AS c, extract(WEEK FROM order_date) AS d, "
    "extract(DAY FROM order_date) AS e, extract(DOY FROM order_date) AS f, "
    "extract(HOUR FROM received_at) AS g, extract(MINUTE FROM received_at) AS h, "
    "extract(SECOND FROM received_at) AS i FROM orders ORDER BY order_id",
    "SELECT year(order_date) AS a, quarter(order_date) AS b, month(order_date) AS c, "
    "week(order_date) AS d, day(order_date) AS e, hour(received_at) AS f, "
    "minute(received_at) AS g, second(received_at) AS h, date(received_at) AS i "
    "FROM orders ORDER BY order_id",
    "SELECT CAST(date_trunc('week', order_date) AS date) AS a, "
    "CAST(date_trunc('quarter', order_date) AS date) AS b FROM orders ORDER BY order_id",
    "SELECT CAST(date_trunc('month', order_date) + INTERVAL '1' MONTH - INTERVAL '1' DAY AS date) "
    "AS x FROM orders ORDER BY order_id",
    "SELECT date_diff('day', order_date, CAST(received_at AS date)) AS x FROM orders "
    "ORDER BY order_id",
    "SELECT date_diff('day', min(order_date), max(order_date)) AS x FROM orders",
    "SELECT count(*) AS n FROM orders WHERE order_date < now() AND order_date < current_date "
    "AND order_date BETWEEN DATE '2025-01-01' AND DATE '2025-03-31'",
    "SELECT count(*) AS n FROM orders WHERE order_date > CAST(received_at AS date) "
    "- INTERVAL '30' DAY",
    "SELECT substr(CAST(order_date AS varchar), 1, 7) AS x FROM orders ORDER BY order_id",
    "SELECT count(*) AS n FROM orders WHERE CAST(order_date AS varchar) LIKE '2025-01%'",
    # texts
    "SELECT customer || '-' || CAST(amount AS varchar) AS x FROM orders ORDER BY order_id",
    "SELECT concat_ws('-', customer, status) AS a, lower(status) AS b, upper(status) AS c, "
    "length(customer) AS d, reverse(customer) AS e, replace(customer, 'A', 'B') AS f, "
    "translate(customer, 'A', 'B') AS g, trim(customer) AS h, ltrim(customer) AS i, "
    "rtrim(customer) AS j, chr(65) AS k FROM orders ORDER BY order_id",
    "SELECT lpad(customer, 5, '-') AS a, rpad(customer, 5, '-') AS b, "
    "substr(customer, 1, 2) AS c, substring(customer, 2) AS d, strpos(customer, 'l') AS e, "
    "position('l' IN customer) AS f, split(customer, ' ')[1] AS g FROM orders ORDER BY order_id",
    "SELECT reverse(substr(reverse(customer), 1, 2)) AS x FROM orders ORDER BY order_id",
    "SELECT nullif(regexp_extract(order_id, '9([0-9]+)', 1), '') AS a, "
    "nullif(split_part(customer, ' ', 2), '') AS b FROM orders ORDER BY order_id",
    "SELECT count(*) AS n FROM orders WHERE lower(status) LIKE 'ship%' "
    "OR starts_with(customer, 'A')",
    "SELECT to_hex(raw) AS x FROM quarantine",
    # numbers
    "SELECT abs(amount) AS a, ceil(amount) AS b, ceiling(amount) AS c, floor(amount) AS d, "
    "round(amount, 1) AS e, mod(source_line, 7) AS f, sign(source_line) AS g, "
    "coalesce(amount, 0) AS h, nullif(amount, 0) AS i FROM orders ORDER BY order_id",
    "SELECT sqrt(source_line) AS a, cbrt(source_line) AS b, power(source_line, 2) AS c, "
    "pow(source_line, 2) AS d, ln(source_line) AS e, log10(source_line) AS f, "
    "log2(source_line) AS g, exp(1) AS h, pi() AS i, sin(source_line) AS j, "
    "cos(source_line) AS k, tan(source_line) AS l, radians(source_line) AS m, "
    "degrees(source_line) AS n FROM orders ORDER BY order_id",
    "SELECT try_cast(order_id AS bigint) AS a, CAST(amount AS bigint) AS b, "
    "CAST(round(CAST(amount AS double)) AS bigint) AS c, "
    "CAST(round(CAST(amount AS double), 1) AS decimal(18, 1)) AS d FROM orders ORDER BY order_id",
    "SELECT CASE WHEN amount > 100 THEN amount ELSE 100 END AS a, "
    "if(amount > 100, 'large', 'small') AS b FROM orders ORDER BY order_id",
    # many rows
    "SELECT status, count(DISTINCT customer) AS a, count_if(amount > 100) AS b, "
    "count(*) FILTER (WHERE amount > 100) AS c, min(amount) AS d, max(amount) AS e, "
    "cardinality(array_agg(customer)) AS f, "
    "max_by(customer, amount) FILTER (WHERE customer IS NOT NULL) AS g, "
    "min_by(customer, amount) FILTER (WHERE customer IS NOT NULL) AS h "
    "FROM orders GROUP BY 1 ORDER BY 1",
    "SELECT status, avg(CAST(amount AS double)) AS a, stddev(amount) AS b, "
    "stddev_pop(amount) AS c, stddev_samp(amount) AS d, variance(amount) AS e, "
    "var_pop(amount) AS f, var_samp(amount) AS g, "
    "corr(CAST(amount AS double), CAST(source_line AS double)) AS h "
    "FROM orders GROUP BY 1 ORDER BY 1",
    "SELECT status, min(customer) AS a FROM orders GROUP BY status "
    "HAVING bool_or(amount > 5) AND NOT bool_and(amount > 5) ORDER BY status",
    "SELECT customer, grouping(customer) AS a, sum(amount) AS b FROM orders "
    "GROUP BY ROLLUP (customer) ORDER BY 2, 1",
    "SELECT lower(customer) AS who, count(*) AS n FROM orders GROUP BY 1 ORDER BY who",
    "SELECT upper(status) AS status, count(*) AS n FROM orders WHERE status <> 'x' GROUP BY 1 "
    "ORDER BY 1",
    "WITH m (c, s) AS (SELECT customer, sum(amount) FROM orders GROUP BY 1) "
    "SELECT c, round(s, 0) AS s FROM m GROUP BY c, s ORDER BY 1, 2",
    "SELECT order_id FROM orders JOIN latest USING (order_id) ORDER BY order_id OFFSET 3 LIMIT 5",
    # windows
    "SELECT lag(amount) OVER w AS a, lead(amount) OVER w AS b, first_value(amount) OVER w AS c, "
    "last_value(amount) OVER w AS d, nth_value(amount, 2) OVER w AS e, rank() OVER w AS f, "
    "dense_rank() OVER w AS g, percent_rank() OVER w AS h, cume_dist() OVER w AS i, "
    "ntile(4) OVER w AS j, row_number() OVER w AS k, "
    "sum(amount) OVER (w ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS l "
    "FROM orders WINDOW w AS (ORDER BY order_id) ORDER BY order_id",
)
"""Statements that the loader takes; every function it takes is in one of them."""

APART = (
    ("SELECT extract(DOW FROM order_date) AS x FROM orders", "write extract(DOW FROM ...) % 7"),
    ("SELECT extract(ISODOW FROM order_date) AS x FROM orders", "write extract(DOW FROM ...) % 7"),
    ("SELECT extract(ISOYEAR FROM order_date) AS x FROM orders", "extract is YEAR, QUARTER"),
    ("SELECT extract('year' FROM order_date) AS x FROM orders", "extract is YEAR, QUARTER"),
    ("SELECT CAST(date_trunc('decade', order_date) AS date) AS x FROM orders", "cut to is YEAR"),
    ("SELECT dayname(order_date) AS x FROM orders", "write extract(DOW FROM ...) % 7"),
    ("SELECT strftime(order_date, '%Y') AS x FROM orders", "write substr(CAST(order_date AS"),
    ("SELECT date_part('year', order_date) AS x FROM orders", "write extract(YEAR FROM ...)"),
    ("SELECT count(*) AS x FROM orders WHERE order_date < today()", "write current_date"),
    ("SELECT make_date(2025, 1, 1) AS x", "write DATE '2025-03-31'"),
    ("SELECT last_day(order_date) AS x FROM orders", "INTERVAL '1' MONTH - INTERVAL '1' DAY"),
    ("SELECT date_diff('month', order_date, DATE '2025-05-01') AS x FROM orders", "of two dates"),
    ("SELECT date_diff('day', order_date, received_at) AS x FROM orders", "of two dates"),
    ("SELECT order_date + 7 AS x FROM orders", "write ... + INTERVAL '7' DAY"),
    ("SELECT max(order_date) - min(order_date) AS x FROM orders", "date_diff('day', ..., ...)"),
    ("SELECT count(*) AS x FROM orders WHERE order_date > current_date - 30", "INTERVAL '7' DAY"),
    ("SELECT count(*) AS x FROM orders WHERE order_date > now() - INTERVAL 7 DAY", "in quotes"),
    ("SELECT count(*) AS x FROM orders WHERE order_date > now() - INTERVAL '7 days'", "in quotes"),
    ("SELECT count(*) AS x FROM orders WHERE order_date > now() - INTERVAL '1' WEEK", "in quotes"),
    ("SELECT count(*) AS x FROM orders WHERE order_date >= '2025-01-01'", "DATE '2025-03-31'"),
    (
        "SELECT count(*) AS x FROM orders WHERE order_date BETWEEN '2025-01-01' AND '2025-02-01'",
        "DATE '2025-03-31'",
    ),
    ("SELECT count(*) AS x FROM orders WHERE order_date IN ('2025-01-01')", "DATE '2025-03-31'"),
    ("SELECT count(*) AS x FROM orders WHERE year(order_date) = '2025'", "without quotes"),
    ("SELECT count(*) AS x FROM orders WHERE amount > '100'", "write 100 without quotes"),
    ("SELECT count(*) AS x FROM orders WHERE status ILIKE 'Ship%'", "write lower(...) LIKE"),
    ("SELECT count(*) AS x FROM orders WHERE status NOT ILIKE 'Ship%'", "write lower(...) LIKE"),
    ("SELECT count(*) AS x FROM orders WHERE status SIMILAR TO 'ship.*'", "write LIKE"),
    ("SELECT count(*) AS x FROM orders WHERE regexp_matches(status, 'ship')", "write LIKE"),
    ("SELECT count(*) AS x FROM orders WHERE contains(status, 'ship')", "strpos(..., ...) > 0"),
    ("SELECT count(*) AS x FROM orders WHERE status == 'shipped'", "write ="),
    ("SELECT count(*) AS x FROM orders WHERE status ISNULL", "write IS NULL"),
    ("SELECT regexp_replace(order_id, '0', 'x') AS x FROM orders", "the first in DuckDB"),
    ("SELECT regexp_extract(customer, 'A') AS x FROM orders", "nullif(..., '') around it"),
    ("SELECT split_part(customer, ' ', 5) AS x FROM orders", "nullif(..., '') around it"),
    ("SELECT left(customer, 2) AS x FROM orders", "write substr(..., 1, n)"),
    ("SELECT substr(customer, -2) AS x FROM orders", "reverse(substr(reverse(...), 1, n))"),
    ("SELECT substr(customer, 0, 2) AS x FROM orders", "the first place is 1"),
    ("SELECT concat(customer, '-', status) AS x FROM orders", "write ... || ..."),
    ("SELECT customer || amount AS x FROM orders", "CAST(... AS varchar)"),
    ("SELECT 'Q' || quarter(order_date) AS x FROM orders", "CAST(... AS varchar)"),
    ("SELECT CAST(received_at AS varchar) AS x FROM orders", "a date first"),
    ("SELECT CAST(CAST(amount AS double) AS varchar) AS x FROM orders", "decimal(18, 2)"),
    ("SELECT CAST(customer AS varchar(3)) AS x FROM orders", "write substr(..., 1, n)"),
    ("SELECT CAST(customer AS text) AS x FROM orders", "write varchar"),
    ("SELECT CAST(amount AS numeric(18, 1)) AS x FROM orders", "decimal(18, 2)"),
    ("SELECT CAST(amount AS decimal) AS x FROM orders", "write decimal(18, 2)"),
    ("SELECT CAST(amount AS real) AS x FROM orders", "double"),
    ("SELECT amount::double AS x FROM orders", "write CAST(... AS ...)"),
    ("SELECT CAST(2.5e0 AS bigint) AS x", "write CAST(round("),
    ("SELECT CAST(1.005e0 AS decimal(18, 2)) AS x", "write CAST(round("),
    ("SELECT greatest(amount, 100) AS x FROM orders", "write CASE WHEN"),
    ("SELECT least(amount, 100) AS x FROM orders", "write CASE WHEN"),
    ("SELECT 2 ^ 3 AS x", "power(..., ...)"),
    ("SELECT log(source_line) AS x FROM orders", "write ln(...) or log10(...)"),
    ("SELECT ifnull(customer, 'nobody') AS x FROM orders", "write coalesce(..., ...)"),
    ("SELECT median(amount) AS x FROM orders", "row_number() OVER"),
    ("SELECT mode(customer) AS x FROM orders", "none of what Athena and DuckDB both have"),
    ("SELECT string_agg(status, ',') AS x FROM orders", "none of what Athena and DuckDB both have"),
    ("SELECT max_by(customer, amount) AS x FROM orders GROUP BY status", "customer IS NOT NULL"),
    ("SELECT sum(status = 'shipped') AS x FROM orders", "count(*) FILTER (WHERE ...)"),
    ("SELECT count(*) FILTER (amount > 0) AS x FROM orders", "FILTER (WHERE ...)"),
    ("SELECT status, count(*) AS x FROM orders GROUP BY ALL", "write GROUP BY 1, 2"),
    ("SELECT status, count(*) AS x FROM orders GROUP BY 1 ORDER BY ALL", "write ORDER BY 1, 2"),
    ("SELECT status AS s, count(*) AS x FROM orders GROUP BY s", "Athena knows the name s in"),
    ("SELECT status AS s FROM orders WHERE s = 'shipped'", "Athena knows the name s in"),
    (
        "SELECT status, count(*) AS n FROM orders GROUP BY status HAVING n > 3",
        "Athena knows the name n in",
    ),
    ("SELECT amount AS a, a * 2 AS x FROM orders", "Athena knows the name a in"),
    (
        "SELECT status, sum(amount) AS amount FROM orders GROUP BY 1 ORDER BY sum(amount)",
        "write ORDER BY amount",
    ),
    ("SELECT status FROM orders ORDER BY 1 LIMIT 5 OFFSET 3", "OFFSET before LIMIT"),
    ("SELECT DISTINCT ON (status) status, amount FROM orders", "row_number() OVER"),
    ("SELECT * EXCLUDE (amount) FROM orders", "write the columns' names"),
    ("SELECT status AS 'x' FROM orders", 'write AS "..."'),
    ("SELECT status, FROM orders", "a comma stands before FROM"),
    ("SELECT {'a': 1}.a AS x", "row(...)"),
    ("SELECT unnest(ARRAY[1, 2]) AS x", "write FROM unnest(...) AS t (x)"),
    ("SELECT status FROM orders ORDER BY status COLLATE NOCASE", "write lower(...)"),
    ("SELECT count(*) AS x FROM latest WHERE kept IS TRUE", "write the condition alone"),
    ("SELECT count(*) AS x FROM latest WHERE kept IS FALSE", "write NOT and the condition"),
    ("SELECT status FROM orders USING SAMPLE 10", "ORDER BY and LIMIT"),
    ("SELECT o.order_id FROM orders AS o JOIN latest AS l USING (order_id)", "leave o. out"),
    ("SELECT o.status FROM orders AS o SEMI JOIN dropped AS d ON o.amount = d.amount", "EXISTS"),
    ("SELECT o.status FROM orders AS o NATURAL JOIN dropped", "JOIN ... ON ..."),
    (
        "SELECT * FROM (SELECT status, amount FROM orders) "
        "PIVOT (sum(amount) FOR status IN ('shipped'))",
        "sum(...) FILTER (WHERE ...)",
    ),
)
"""Statements that DuckDB answers and Athena does not, or otherwise, and what is told of them."""
