-- The names of queues. From each to the next one: their ids may be millions.
WITH RECURSIVE
  known (name) AS (
    SELECT min(queue) FROM athena_ids
    UNION ALL
    SELECT (SELECT min(queue) FROM athena_ids WHERE queue > name) FROM known WHERE name IS NOT NULL
  ),
  used (name) AS (
    SELECT min(queue) FROM athena_messages
    UNION ALL
    SELECT (SELECT min(queue) FROM athena_messages WHERE queue > name) FROM used WHERE name IS NOT NULL
  )
SELECT name FROM known WHERE name IS NOT NULL UNION SELECT name FROM used WHERE name IS NOT NULL ORDER BY 1
