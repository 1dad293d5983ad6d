-- The first schema: a table per row type, the journal, the redo log, the used keys.
--
-- Columns are the fields of the row types, in their order; a test compares them. Amounts are in
-- smallest units, times in microseconds since 1970, enumerators in the order of their lists. The
-- CHECKs repeat what the engine holds to, so that no mistake of ours gets past them.

CREATE TABLE rule_settings (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  stargifts_blocked INTEGER NOT NULL CHECK (stargifts_blocked IN (0, 1)),
  stars_purchase_blocked INTEGER NOT NULL CHECK (stars_purchase_blocked IN (0, 1)),
  stars_gifts_enabled INTEGER NOT NULL CHECK (stars_gifts_enabled IN (0, 1)),
  stargifts_message_length_max INTEGER NOT NULL CHECK (stargifts_message_length_max >= 0),
  gift_stars_max INTEGER NOT NULL CHECK (gift_stars_max > 0),
  top_up_stars_max INTEGER NOT NULL CHECK (top_up_stars_max > 0),
  stars_gift_max INTEGER NOT NULL CHECK (stars_gift_max > 0),
  reservation_s INTEGER NOT NULL CHECK (reservation_s > 0),
  reservation_max_s INTEGER NOT NULL CHECK (reservation_max_s > 0),
  waitlist_claim_s INTEGER NOT NULL CHECK (waitlist_claim_s > 0),
  waitlist_max INTEGER NOT NULL CHECK (waitlist_max >= 0),
  hold_max_s INTEGER NOT NULL CHECK (hold_max_s > 0)
) STRICT;

CREATE TABLE access_keys (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2),
  account INTEGER NOT NULL,
  scopes BLOB NOT NULL,
  secret_sha256 BLOB NOT NULL,
  label TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  revoked INTEGER NOT NULL CHECK (revoked IN (0, 1))
) STRICT;

-- Only the issuer (kind 3) and receivables (kind 5) may be below zero.
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 5),
  app INTEGER NOT NULL,
  premium INTEGER NOT NULL CHECK (premium IN (0, 1)),
  erased INTEGER NOT NULL CHECK (erased IN (0, 1)),
  posted INTEGER NOT NULL,
  held INTEGER NOT NULL CHECK (held >= 0),
  grams_posted INTEGER NOT NULL,
  grams_held INTEGER NOT NULL CHECK (grams_held >= 0),
  owed INTEGER NOT NULL CHECK (owed >= 0),
  reversible INTEGER NOT NULL CHECK (reversible >= 0),
  newest_transfer INTEGER NOT NULL,
  newest_gift INTEGER NOT NULL,
  gifts INTEGER NOT NULL CHECK (gifts >= 0),
  CHECK (posted >= held OR kind IN (3, 5)),
  CHECK (grams_posted >= grams_held OR kind IN (3, 5))
) STRICT;

CREATE TABLE personal_keys (
  account INTEGER PRIMARY KEY CHECK (account > 0),
  sealed BLOB NOT NULL
) STRICT;

CREATE TABLE profiles (
  account INTEGER PRIMARY KEY CHECK (account > 0),
  name BLOB NOT NULL
) STRICT;

CREATE TABLE transfers (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  debit INTEGER NOT NULL,
  credit INTEGER NOT NULL,
  currency INTEGER NOT NULL CHECK (currency BETWEEN 0 AND 1),
  amount INTEGER NOT NULL CHECK (amount > 0),
  reason INTEGER NOT NULL CHECK (reason BETWEEN 0 AND 6),
  subject INTEGER NOT NULL,
  refunds INTEGER NOT NULL,
  refunded INTEGER NOT NULL CHECK (refunded IN (0, 1)),
  debit_older INTEGER NOT NULL,
  credit_older INTEGER NOT NULL
) STRICT;

CREATE TABLE fundings (
  transfer INTEGER PRIMARY KEY CHECK (transfer > 0),
  lots BLOB NOT NULL
) STRICT;

CREATE TABLE top_ups (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  account INTEGER NOT NULL,
  stars INTEGER NOT NULL CHECK (stars > 0),
  provider TEXT NOT NULL,
  reference TEXT NOT NULL,
  reversible_until INTEGER NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
  reversed INTEGER NOT NULL CHECK (reversed BETWEEN 0 AND stars)
) STRICT;

CREATE TABLE payments (
  digest_high INTEGER NOT NULL,
  digest_low INTEGER NOT NULL,
  top_up INTEGER NOT NULL,
  parked INTEGER NOT NULL CHECK (parked >= 0),
  parked_by INTEGER NOT NULL,
  PRIMARY KEY (digest_high, digest_low)
) STRICT, WITHOUT ROWID;

CREATE TABLE holds (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  account INTEGER NOT NULL,
  currency INTEGER NOT NULL CHECK (currency BETWEEN 0 AND 1),
  amount INTEGER NOT NULL CHECK (amount > 0),
  reason INTEGER NOT NULL CHECK (reason BETWEEN 0 AND 3),
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
  expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE lots (
  account INTEGER PRIMARY KEY CHECK (account > 0),
  open BLOB NOT NULL
) STRICT;

CREATE TABLE editions (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  slug TEXT NOT NULL,
  title TEXT NOT NULL,
  stars INTEGER NOT NULL CHECK (stars > 0),
  convert_stars INTEGER NOT NULL CHECK (convert_stars >= 0),
  supply INTEGER CHECK (supply > 0),
  per_account INTEGER CHECK (per_account > 0),
  sale_opens_at INTEGER NOT NULL,
  sale_ends_at INTEGER NOT NULL,
  early_opens_at INTEGER NOT NULL,
  early_account_age_s INTEGER NOT NULL CHECK (early_account_age_s >= 0),
  account_age_s INTEGER NOT NULL CHECK (account_age_s >= 0),
  premium_only INTEGER NOT NULL CHECK (premium_only IN (0, 1)),
  birthday INTEGER NOT NULL CHECK (birthday IN (0, 1)),
  publisher INTEGER NOT NULL,
  tags BLOB NOT NULL,
  sold INTEGER NOT NULL CHECK (sold >= 0),
  reserved INTEGER NOT NULL CHECK (reserved >= 0),
  serials_used INTEGER NOT NULL CHECK (serials_used >= 0),
  serials_free INTEGER NOT NULL CHECK (serials_free BETWEEN 0 AND serials_used),
  first_sale_at INTEGER NOT NULL,
  last_sale_at INTEGER NOT NULL,
  sold_out_at INTEGER NOT NULL,
  waitlist_last INTEGER NOT NULL CHECK (waitlist_last >= 0),
  waiting INTEGER NOT NULL CHECK (waiting BETWEEN 0 AND waitlist_last),
  version INTEGER NOT NULL,
  leased INTEGER NOT NULL CHECK (leased >= 0),
  CHECK (sold + reserved + leased <= supply)
) STRICT;

CREATE TABLE edition_slugs (
  digest_high INTEGER NOT NULL,
  digest_low INTEGER NOT NULL,
  edition INTEGER NOT NULL,
  PRIMARY KEY (digest_high, digest_low)
) STRICT, WITHOUT ROWID;

CREATE TABLE tallies (
  edition INTEGER NOT NULL,
  account INTEGER NOT NULL,
  bought INTEGER NOT NULL CHECK (bought >= 0),
  reserved INTEGER NOT NULL CHECK (reserved >= 0),
  PRIMARY KEY (edition, account)
) STRICT, WITHOUT ROWID;

CREATE TABLE free_serials (
  edition INTEGER NOT NULL,
  serial INTEGER NOT NULL CHECK (serial > 0),
  PRIMARY KEY (edition, serial)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock_slices (
  edition INTEGER NOT NULL,
  lane INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 127),
  first INTEGER NOT NULL CHECK (first >= 1),
  next INTEGER NOT NULL CHECK (next BETWEEN first AND last + 1),
  last INTEGER NOT NULL,
  first_sale_at INTEGER NOT NULL,
  last_sale_at INTEGER NOT NULL,
  PRIMARY KEY (edition, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE reservations (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  edition INTEGER NOT NULL,
  account INTEGER NOT NULL,
  source INTEGER NOT NULL CHECK (source BETWEEN 0 AND 1),
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
  expires_at INTEGER NOT NULL,
  gift INTEGER NOT NULL
) STRICT;

CREATE TABLE open_reservations (
  account INTEGER NOT NULL,
  reservation INTEGER NOT NULL,
  PRIMARY KEY (account, reservation)
) STRICT, WITHOUT ROWID;

CREATE TABLE waitlist_places (
  edition INTEGER NOT NULL,
  position INTEGER NOT NULL CHECK (position > 0),
  account INTEGER NOT NULL,
  joined_at INTEGER NOT NULL,
  PRIMARY KEY (edition, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE waitlist_members (
  account INTEGER NOT NULL,
  edition INTEGER NOT NULL,
  position INTEGER NOT NULL CHECK (position > 0),
  PRIMARY KEY (account, edition)
) STRICT, WITHOUT ROWID;

CREATE TABLE timers (
  due INTEGER NOT NULL,
  subject INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 1),
  PRIMARY KEY (due, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE gifts (
  id INTEGER PRIMARY KEY CHECK (id > 0),
  edition INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  "from" INTEGER NOT NULL,
  serial INTEGER NOT NULL CHECK (serial >= 0),
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 1),
  hide_name INTEGER NOT NULL CHECK (hide_name IN (0, 1)),
  has_text INTEGER NOT NULL CHECK (has_text IN (0, 1)),
  paid INTEGER NOT NULL CHECK (paid > 0),
  transfer INTEGER NOT NULL,
  reversible_until INTEGER NOT NULL,
  older INTEGER NOT NULL
) STRICT;

CREATE TABLE gift_texts (
  gift INTEGER PRIMARY KEY CHECK (gift > 0),
  author INTEGER NOT NULL,
  text BLOB NOT NULL
) STRICT;

-- One row a batch. `chain` is the SHA-256 of its last entry, chained to the batch before it.
CREATE TABLE journal (
  first_op INTEGER PRIMARY KEY CHECK (first_op > 0),
  last_op INTEGER NOT NULL CHECK (last_op >= first_op),
  lane INTEGER NOT NULL,
  last_time INTEGER NOT NULL,
  entries INTEGER NOT NULL CHECK (entries > 0),
  chain BLOB NOT NULL CHECK (length(chain) = 32),
  body BLOB NOT NULL
) STRICT;

-- What batches changed in tables that are written back later, and the keys they used. Rows go away
-- from the oldest on, when everything in them stands in its place.
CREATE TABLE redo (
  first_op INTEGER PRIMARY KEY CHECK (first_op > 0),
  body BLOB NOT NULL
) STRICT;

-- Used idempotency keys, packed: thousands a row, in the order of their operations.
CREATE TABLE key_chunks (
  first_op INTEGER PRIMARY KEY CHECK (first_op > 0),
  last_op INTEGER NOT NULL CHECK (last_op >= first_op),
  body BLOB NOT NULL
) STRICT;
