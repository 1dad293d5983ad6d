-- The same shop in PostgreSQL, as a careful developer would write it: functions on plain tables.
-- A purchase has the six effects it has in Stardrop: the buyer is debited, the house is credited, a
-- transfer and a gift with its serial are recorded, the stock shrinks, the idempotency key is used up.

CREATE TABLE accounts (
  id bigint PRIMARY KEY,
  balance bigint NOT NULL CHECK (balance >= 0)
) WITH (fillfactor = 80);

CREATE TABLE house (
  id int PRIMARY KEY,
  balance bigint NOT NULL
) WITH (fillfactor = 10);

CREATE TABLE editions (
  id int PRIMARY KEY,
  price bigint NOT NULL,
  supply bigint NOT NULL,
  sold bigint NOT NULL CHECK (sold <= supply)
) WITH (fillfactor = 10);

CREATE TABLE transfers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  debited bigint NOT NULL,
  credited bigint NOT NULL,
  amount bigint NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE gifts (
  id bigint PRIMARY KEY,
  edition int NOT NULL,
  serial bigint NOT NULL,
  owner bigint NOT NULL,
  sold_at timestamptz NOT NULL DEFAULT now()
);
CREATE SEQUENCE gift_ids CACHE 1000;

CREATE TABLE keys (
  key uuid PRIMARY KEY,
  gift bigint NOT NULL
);

INSERT INTO accounts SELECT i, 1000000000 FROM generate_series(1, 1000000) AS i;
INSERT INTO house VALUES (1, 0);
INSERT INTO editions VALUES (1, 1, 1000000000000, 0);

-- One purchase. The rows that everybody wants are locked last, so that they are held for the shortest
-- time; the key is written once, with the gift it stands for.
CREATE FUNCTION buy_tuned(the_edition int, buyer bigint, the_key uuid) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  gift bigint := nextval('gift_ids');
  the_price bigint;
  the_serial bigint;
BEGIN
  INSERT INTO keys VALUES (the_key, gift) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN (SELECT keys.gift FROM keys WHERE key = the_key);
  END IF;
  SELECT price INTO the_price FROM editions WHERE id = the_edition;
  UPDATE accounts SET balance = balance - the_price WHERE id = buyer AND balance >= the_price;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'insufficient_funds';
  END IF;
  INSERT INTO transfers (debited, credited, amount) VALUES (buyer, 1, the_price);
  UPDATE house SET balance = balance + the_price WHERE id = 1;
  UPDATE editions SET sold = sold + 1 WHERE id = the_edition AND sold < supply
    RETURNING sold INTO the_serial;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'sold_out';
  END IF;
  INSERT INTO gifts (id, edition, serial, owner) VALUES (gift, the_edition, the_serial, buyer);
  RETURN gift;
END $$;

-- Many purchases in one call, by sets. Buyers are locked in order, so that two calls can't wait for each
-- other; who can't pay for all they ask for gets nothing.
CREATE FUNCTION buy_batch(the_edition int, the_buyers bigint[], the_keys uuid[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  the_price bigint;
  bought bigint;
  last_serial bigint;
BEGIN
  SELECT price INTO the_price FROM editions WHERE id = the_edition;
  PERFORM 1 FROM accounts WHERE id = ANY (the_buyers) ORDER BY id FOR UPDATE;
  CREATE TEMPORARY TABLE IF NOT EXISTS asked (buyer bigint, key uuid, gift bigint) ON COMMIT DELETE ROWS;
  WITH wanted AS (
    SELECT * FROM unnest(the_buyers, the_keys) AS w (buyer, key)
  ), payable AS (
    SELECT a.id FROM accounts AS a
    JOIN (SELECT buyer, count(*) AS times FROM wanted GROUP BY buyer) AS w ON w.buyer = a.id
    WHERE a.balance >= w.times * the_price
  ), fresh AS (
    INSERT INTO keys
    SELECT w.key, nextval('gift_ids') FROM wanted AS w JOIN payable AS p ON p.id = w.buyer
    ON CONFLICT DO NOTHING RETURNING keys.key, keys.gift
  )
  INSERT INTO asked SELECT w.buyer, w.key, f.gift FROM wanted AS w JOIN fresh AS f ON f.key = w.key;
  GET DIAGNOSTICS bought = ROW_COUNT;
  UPDATE accounts AS a SET balance = a.balance - s.spent
    FROM (SELECT buyer, count(*) * the_price AS spent FROM asked GROUP BY buyer) AS s
    WHERE a.id = s.buyer;
  INSERT INTO transfers (debited, credited, amount) SELECT buyer, 1, the_price FROM asked;
  UPDATE house SET balance = balance + bought * the_price WHERE id = 1;
  UPDATE editions SET sold = sold + bought WHERE id = the_edition AND sold + bought <= supply
    RETURNING sold INTO last_serial;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'sold_out';
  END IF;
  INSERT INTO gifts (id, edition, serial, owner)
    SELECT gift, the_edition, last_serial - bought + row_number() OVER (), buyer FROM asked;
  RETURN bought;
END $$;

-- What must hold after every run: Stars are neither made nor lost, and serials have no gap.
CREATE VIEW adds_up AS
SELECT (SELECT sum(balance) FROM accounts) + (SELECT balance FROM house WHERE id = 1)
         = 1000000::bigint * 1000000000
   AND (SELECT sold FROM editions WHERE id = 1) = (SELECT count(DISTINCT serial) FROM gifts)
   AND (SELECT sold FROM editions WHERE id = 1) = (SELECT coalesce(max(serial), 0) FROM gifts) AS yes;
