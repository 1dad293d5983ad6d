// The crowd of a drop: its editions and buyers, what each attempt was, and what was acknowledged.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace stardrop::app {

/// What `drop bench` was asked to do.
struct BenchOptions {
  std::vector<std::string> urls;
  std::string key;
  std::vector<std::int64_t> editions{500'000, 100'000};
  std::int64_t buyers = 300'000;
  std::int64_t connections = 128;
  std::int64_t batch = 1;        ///< purchases in one request
  std::int64_t pipeline = 1;     ///< requests in flight on one connection
  std::int64_t stars = 25;       ///< price
  std::int64_t per_account = 0;  ///< 0: one and a half times what it takes to sell out
  double attempts = 2.0;         ///< per gift
  std::int64_t replays = 20;     ///< percent of attempts that repeat an acknowledged purchase
  std::int64_t over_cap = 10;    ///< percent by accounts that have bought all they may
  std::int64_t poor = 10;        ///< percent by accounts without Stars
  std::int64_t refusal_s = 3;    ///< how long late buyers go on at least
  std::int64_t patience_s = 60;  ///< longest wait for a conclusive answer
  std::uint64_t seed = 1;
};

/// Why an attempt is made.
enum class AttemptKind : std::uint8_t { purchase, replay, over_cap, poor };

/// One attempt to buy.
struct Attempt {
  std::uint32_t buyer = 0;
  std::uint32_t key = 0;   ///< number of the attempt whose idempotency key it uses
  std::uint32_t sale = 0;  ///< replay: which sale
  std::uint16_t edition = 0;
  AttemptKind kind = AttemptKind::purchase;
  bool answered = false;
  bool written = false;      ///< was sent at least once
  bool sent_before = false;  ///< a retry: may be told `replayed`

  /// It goes out now, for the first time or, when nobody knows what became of it, again.
  void goes_out() {
    sent_before = sent_before || written;
    written = true;
  }
};

/// The id of a gift, kept without an allocation: there are millions.
class GiftName {
 public:
  /// What is too long to be an id is cut off; it will not be found again, and said to be wrong.
  explicit GiftName(std::string_view text) noexcept
      : size_(static_cast<std::uint8_t>(text.copy(text_.data(), text_.size()))) {}
  std::string_view text() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, 23> text_{};
  std::uint8_t size_ = 0;
};

/// An acknowledged purchase: the outside witness.
struct Sale {
  std::uint64_t body_hash = 0;
  std::int64_t serial = 0;
  GiftName gift;
  std::uint32_t attempt = 0;
  std::uint32_t buyer = 0;
  std::uint16_t edition = 0;
};

/// An edition of the drop.
struct DropEdition {
  std::string id;
  std::int64_t supply = 0;
  std::int64_t per_account = 0;
  std::int64_t sold = 0;       ///< acknowledged
  bool told_sold_out = false;  ///< some buyer was told so
};

/// Chooses attempts and keeps what came of them.
class Crowd {
 public:
  explicit Crowd(const BenchOptions& options);

  /// Adds a new attempt. False if at present there is none that has a predictable answer.
  bool choose();

  Attempt& attempt(std::uint32_t number) { return attempts_[number]; }
  std::size_t attempts() const noexcept { return attempts_.size(); }
  const std::vector<Sale>& sales() const noexcept { return sales_; }
  std::vector<DropEdition>& editions() noexcept { return editions_; }
  const std::vector<DropEdition>& editions() const noexcept { return editions_; }
  std::vector<std::string>& buyers() noexcept { return buyers_; }
  const std::vector<std::string>& buyers() const noexcept { return buyers_; }
  /// Buyers with Stars come first; the poor follow.
  std::size_t rich() const noexcept { return rich_; }
  /// Stars a buyer gets: enough for more than it may buy.
  std::int64_t stars_needed() const;
  std::int64_t supply() const noexcept { return supply_; }
  std::int64_t sold() const noexcept { return static_cast<std::int64_t>(sales_.size()); }
  bool sold_out() const noexcept { return sold() >= supply_; }

  /// An attempt was acknowledged as a sale.
  void record_sale(std::uint32_t number,
                   std::string_view gift,
                   std::int64_t serial,
                   std::uint64_t body_hash);
  /// An attempt was refused because the edition is sold out.
  void record_sold_out(std::uint32_t number) {
    editions_[attempts_[number].edition].told_sold_out = true;
  }

 private:
  std::optional<Attempt> purchase();
  std::optional<Attempt> replay();
  std::optional<Attempt> over_cap();
  std::optional<Attempt> poor();
  bool gone(std::size_t edition) const {
    return editions_[edition].told_sold_out || editions_[edition].sold >= editions_[edition].supply;
  }
  std::size_t weighted_edition();
  std::uint16_t& planned(std::size_t edition, std::size_t buyer) {
    return planned_[edition * buyers_.size() + buyer];
  }

  const BenchOptions& options_;
  Random random_;
  std::vector<DropEdition> editions_;
  std::vector<std::string> buyers_;
  std::size_t rich_ = 0;
  std::size_t greedy_ = 0;
  std::int64_t supply_ = 0;
  std::vector<Attempt> attempts_;
  std::vector<Sale> sales_;
  std::vector<std::uint16_t> planned_;  // purchases asked for, by edition and buyer
  std::vector<std::uint16_t> bought_;   // purchases acknowledged, by edition and greedy buyer
  struct Capped {
    std::uint32_t buyer;
    std::uint16_t edition;
  };
  std::vector<Capped> capped_;  // who has bought all they may
  std::size_t greedy_at_ = 0;   // the greedy buy first, to their caps
  std::size_t cursor_ = 0;
};

/// To compare answers byte by byte without keeping them.
std::uint64_t bytes_hash(std::string_view bytes) noexcept;

}  // namespace stardrop::app
