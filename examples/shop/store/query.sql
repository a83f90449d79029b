-- name: AddOrder :exec
INSERT INTO orders (item) VALUES (?);

-- name: ListOrders :many
SELECT * FROM orders ORDER BY id DESC;

-- name: ShipOldest :one
UPDATE orders SET shipped = TRUE
WHERE id = (SELECT min(id) FROM orders WHERE NOT shipped)
RETURNING *;
