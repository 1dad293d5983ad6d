-- The first schema: a table per row type, the lanes with their journal, the used keys.
--
-- Columns are the fields of the row types, in their order; a test compares them. Amounts are in
-- smallest units, times in microseconds since 1970, enumerators in the order of their lists. The
-- CHECKs repeat what the engine holds to, so that no mistake of ours gets past them. Rows that
-- change are updated in place where their page has room for it (heap-only tuples).

CREATE TABLE rule_settings (
  id bigint PRIMARY KEY CHECK (id = 1),
  stargifts_blocked smallint NOT NULL CHECK (stargifts_blocked IN (0, 1)),
  stars_purchase_blocked smallint NOT NULL CHECK (stars_purchase_blocked IN (0, 1)),
  stars_gifts_enabled smallint NOT NULL CHECK (stars_gifts_enabled IN (0, 1)),
  stargifts_message_length_max bigint NOT NULL CHECK (stargifts_message_length_max >= 0),
  gift_stars_max bigint NOT NULL CHECK (gift_stars_max > 0),
  top_up_stars_max bigint NOT NULL CHECK (top_up_stars_max > 0),
  stars_gift_max bigint NOT NULL CHECK (stars_gift_max > 0),
  reservation_s bigint NOT NULL CHECK (reservation_s > 0),
  reservation_max_s bigint NOT NULL CHECK (reservation_max_s > 0),
  waitlist_claim_s bigint NOT NULL CHECK (waitlist_claim_s > 0),
  waitlist_max bigint NOT NULL CHECK (waitlist_max >= 0),
  hold_max_s bigint NOT NULL CHECK (hold_max_s > 0)
);

CREATE TABLE access_keys (
  id bigint PRIMARY KEY,
  kind smallint NOT NULL CHECK (kind BETWEEN 0 AND 2),
  account bigint NOT NULL,
  scopes bytea NOT NULL,
  secret_sha256 bytea NOT NULL,
  label text NOT NULL,
  expires_at bigint NOT NULL,
  revoked smallint NOT NULL CHECK (revoked IN (0, 1))
);

-- Only the issuer (kind 3) and receivables (kind 5) may be below zero.
CREATE TABLE accounts (
  id bigint PRIMARY KEY CHECK (id > 0),
  kind smallint NOT NULL CHECK (kind BETWEEN 0 AND 5),
  app bigint NOT NULL,
  premium smallint NOT NULL CHECK (premium IN (0, 1)),
  erased smallint NOT NULL CHECK (erased IN (0, 1)),
  posted bigint NOT NULL,
  held bigint NOT NULL CHECK (held >= 0),
  grams_posted bigint NOT NULL,
  grams_held bigint NOT NULL CHECK (grams_held >= 0),
  owed bigint NOT NULL CHECK (owed >= 0),
  reversible bigint NOT NULL CHECK (reversible >= 0),
  newest_transfer bigint NOT NULL,
  newest_gift bigint NOT NULL,
  gifts bigint NOT NULL CHECK (gifts >= 0),
  CHECK (posted >= held OR kind IN (3, 5)),
  CHECK (grams_posted >= grams_held OR kind IN (3, 5))
) WITH (fillfactor = 80);

CREATE TABLE personal_keys (
  account bigint PRIMARY KEY CHECK (account > 0),
  sealed bytea NOT NULL
);

CREATE TABLE profiles (
  account bigint PRIMARY KEY CHECK (account > 0),
  name bytea NOT NULL
);

CREATE TABLE transfers (
  id bigint PRIMARY KEY CHECK (id > 0),
  debit bigint NOT NULL,
  credit bigint NOT NULL,
  currency smallint NOT NULL CHECK (currency BETWEEN 0 AND 1),
  amount bigint NOT NULL CHECK (amount > 0),
  reason smallint NOT NULL CHECK (reason BETWEEN 0 AND 6),
  subject bigint NOT NULL,
  refunds bigint NOT NULL,
  refunded smallint NOT NULL CHECK (refunded IN (0, 1)),
  debit_older bigint NOT NULL,
  credit_older bigint NOT NULL
);

CREATE TABLE fundings (
  transfer bigint PRIMARY KEY CHECK (transfer > 0),
  lots bytea NOT NULL
);

CREATE TABLE top_ups (
  id bigint PRIMARY KEY CHECK (id > 0),
  account bigint NOT NULL,
  stars bigint NOT NULL CHECK (stars > 0),
  provider text NOT NULL,
  reference text NOT NULL,
  reversible_until bigint NOT NULL,
  state smallint NOT NULL CHECK (state BETWEEN 0 AND 2),
  reversed bigint NOT NULL CHECK (reversed BETWEEN 0 AND stars)
);

CREATE TABLE payments (
  digest_high bigint NOT NULL,
  digest_low bigint NOT NULL,
  top_up bigint NOT NULL,
  parked bigint NOT NULL CHECK (parked >= 0),
  parked_by bigint NOT NULL,
  PRIMARY KEY (digest_high, digest_low)
);

CREATE TABLE holds (
  id bigint PRIMARY KEY CHECK (id > 0),
  account bigint NOT NULL,
  currency smallint NOT NULL CHECK (currency BETWEEN 0 AND 1),
  amount bigint NOT NULL CHECK (amount > 0),
  reason smallint NOT NULL CHECK (reason BETWEEN 0 AND 3),
  state smallint NOT NULL CHECK (state BETWEEN 0 AND 3),
  expires_at bigint NOT NULL
);

CREATE TABLE lots (
  account bigint PRIMARY KEY CHECK (account > 0),
  open bytea NOT NULL
) WITH (fillfactor = 80);

CREATE TABLE editions (
  id bigint PRIMARY KEY CHECK (id > 0),
  slug text NOT NULL,
  title text NOT NULL,
  stars bigint NOT NULL CHECK (stars > 0),
  convert_stars bigint NOT NULL CHECK (convert_stars >= 0),
  supply bigint CHECK (supply > 0),
  per_account bigint CHECK (per_account > 0),
  sale_opens_at bigint NOT NULL,
  sale_ends_at bigint NOT NULL,
  early_opens_at bigint NOT NULL,
  early_account_age_s bigint NOT NULL CHECK (early_account_age_s >= 0),
  account_age_s bigint NOT NULL CHECK (account_age_s >= 0),
  premium_only smallint NOT NULL CHECK (premium_only IN (0, 1)),
  birthday smallint NOT NULL CHECK (birthday IN (0, 1)),
  publisher bigint NOT NULL,
  tags bytea NOT NULL,
  sold bigint NOT NULL CHECK (sold >= 0),
  reserved bigint NOT NULL CHECK (reserved >= 0),
  serials_used bigint NOT NULL CHECK (serials_used >= 0),
  serials_free bigint NOT NULL CHECK (serials_free BETWEEN 0 AND serials_used),
  first_sale_at bigint NOT NULL,
  last_sale_at bigint NOT NULL,
  sold_out_at bigint NOT NULL,
  waitlist_last bigint NOT NULL CHECK (waitlist_last >= 0),
  waiting bigint NOT NULL CHECK (waiting BETWEEN 0 AND waitlist_last),
  version bigint NOT NULL,
  leased bigint NOT NULL CHECK (leased >= 0),
  CHECK (sold + reserved + leased <= supply)
) WITH (fillfactor = 10);

CREATE TABLE edition_slugs (
  digest_high bigint NOT NULL,
  digest_low bigint NOT NULL,
  edition bigint NOT NULL,
  PRIMARY KEY (digest_high, digest_low)
);

CREATE TABLE tallies (
  edition bigint NOT NULL,
  account bigint NOT NULL,
  bought bigint NOT NULL CHECK (bought >= 0),
  reserved bigint NOT NULL CHECK (reserved >= 0),
  PRIMARY KEY (edition, account)
) WITH (fillfactor = 80);

CREATE TABLE free_serials (
  edition bigint NOT NULL,
  serial bigint NOT NULL CHECK (serial > 0),
  PRIMARY KEY (edition, serial)
);

CREATE TABLE stock_slices (
  edition bigint NOT NULL,
  lane bigint NOT NULL CHECK (lane BETWEEN 0 AND 127),
  first bigint NOT NULL CHECK (first >= 1),
  next bigint NOT NULL CHECK (next BETWEEN first AND last + 1),
  last bigint NOT NULL,
  first_sale_at bigint NOT NULL,
  last_sale_at bigint NOT NULL,
  PRIMARY KEY (edition, lane)
) WITH (fillfactor = 10);

CREATE TABLE reservations (
  id bigint PRIMARY KEY CHECK (id > 0),
  edition bigint NOT NULL,
  account bigint NOT NULL,
  source smallint NOT NULL CHECK (source BETWEEN 0 AND 1),
  state smallint NOT NULL CHECK (state BETWEEN 0 AND 3),
  expires_at bigint NOT NULL,
  gift bigint NOT NULL
);

CREATE TABLE open_reservations (
  account bigint NOT NULL,
  reservation bigint NOT NULL,
  PRIMARY KEY (account, reservation)
);

CREATE TABLE waitlist_places (
  edition bigint NOT NULL,
  position bigint NOT NULL CHECK (position > 0),
  account bigint NOT NULL,
  joined_at bigint NOT NULL,
  PRIMARY KEY (edition, position)
);

CREATE TABLE waitlist_members (
  account bigint NOT NULL,
  edition bigint NOT NULL,
  position bigint NOT NULL CHECK (position > 0),
  PRIMARY KEY (account, edition)
);

CREATE TABLE timers (
  due bigint NOT NULL,
  subject bigint NOT NULL,
  kind smallint NOT NULL CHECK (kind BETWEEN 0 AND 1),
  PRIMARY KEY (due, subject)
);

CREATE TABLE gifts (
  id bigint PRIMARY KEY CHECK (id > 0),
  edition bigint NOT NULL,
  owner bigint NOT NULL,
  "from" bigint NOT NULL,
  serial bigint NOT NULL CHECK (serial >= 0),
  state smallint NOT NULL CHECK (state BETWEEN 0 AND 1),
  hide_name smallint NOT NULL CHECK (hide_name IN (0, 1)),
  has_text smallint NOT NULL CHECK (has_text IN (0, 1)),
  paid bigint NOT NULL CHECK (paid > 0),
  transfer bigint NOT NULL,
  reversible_until bigint NOT NULL,
  older bigint NOT NULL
) WITH (fillfactor = 90);

CREATE TABLE gift_texts (
  gift bigint PRIMARY KEY CHECK (gift > 0),
  author bigint NOT NULL,
  text bytea NOT NULL
);

-- What all nodes must agree on.
CREATE TABLE deployment (
  id bigint PRIMARY KEY CHECK (id = 1),
  master_key_digest bytea NOT NULL
);

-- A database that was moved here: until it is finished no node opens it. Places say how far each table
-- has come.
CREATE TABLE imports (
  id bigint PRIMARY KEY CHECK (id = 1),
  chain bytea NOT NULL,
  finished smallint NOT NULL CHECK (finished IN (0, 1))
);

CREATE TABLE import_places (
  step text PRIMARY KEY,
  first bigint NOT NULL,
  second bigint NOT NULL
);

-- The engine's own accounts are what every writer adds to. Each lane has a share of each: the account
-- is its row in `accounts` and all its shares together. A share alone may be below zero.
CREATE TABLE account_shares (
  account bigint NOT NULL CHECK (account BETWEEN 1 AND 3),
  lane bigint NOT NULL,
  posted bigint NOT NULL,
  held bigint NOT NULL,
  grams_posted bigint NOT NULL,
  grams_held bigint NOT NULL,
  PRIMARY KEY (account, lane)
) WITH (fillfactor = 25);

-- One lane a node. `owner` may write it until `lease_until`; the rest says where its journal stands.
CREATE TABLE lanes (
  lane bigint PRIMARY KEY CHECK (lane BETWEEN 0 AND 127),
  owner text NOT NULL,
  lease_until timestamptz NOT NULL,
  last_op bigint NOT NULL,
  last_time bigint NOT NULL,
  last_id bigint NOT NULL,
  chain bytea NOT NULL CHECK (length(chain) = 32)
) WITH (fillfactor = 25);

-- One row a batch. `chain` is the SHA-256 of its last entry, chained to the lane's batch before it;
-- `news` is what other nodes must know of it.
CREATE TABLE journal (
  lane bigint NOT NULL,
  first_op bigint NOT NULL CHECK (first_op > 0),
  last_op bigint NOT NULL CHECK (last_op >= first_op),
  last_time bigint NOT NULL,
  entries bigint NOT NULL CHECK (entries > 0),
  chain bytea NOT NULL CHECK (length(chain) = 32),
  body bytea NOT NULL,
  news bytea NOT NULL,
  PRIMARY KEY (lane, first_op)
);
-- What can't be compressed is not tried. YugabyteDB stores everything in its own way.
DO $$
BEGIN
  ALTER TABLE journal ALTER COLUMN body SET STORAGE EXTERNAL;
  ALTER TABLE journal ALTER COLUMN news SET STORAGE EXTERNAL;
EXCEPTION WHEN feature_not_supported THEN NULL;
END
$$;

-- Used idempotency keys: 128 bits of a digest of caller and key, and the operation that used it.
CREATE TABLE used_keys (
  digest uuid PRIMARY KEY,
  op bigint NOT NULL
);
