-- Slices of stock, and what they have of each edition.

ALTER TABLE editions ADD COLUMN leased INTEGER NOT NULL DEFAULT 0
  CHECK (leased >= 0 AND sold + reserved + leased <= supply);

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
