// The crowd of a drop: its editions and buyers, what each attempt was, and what was acknowledged.
#include "app/drop_bench/crowd.h"

#include <algorithm>
#include <cstring>

namespace stardrop::app {

namespace {

constexpr std::size_t kGreedyMax = 500;
constexpr int kLooksMax = 64;
constexpr std::uint64_t kHashStart = 0xcbf29ce484222325ULL;

/// Every bit of `word` has its say in every bit of the result.
std::uint64_t mixed(std::uint64_t word) {
  word *= 0x9e3779b97f4a7c15ULL;
  return word ^ (word >> 32U);
}

std::int64_t cap_for(std::int64_t supply, std::int64_t rich) {
  const std::int64_t cap = (supply * 3 / 2 + rich - 1) / rich;
  return std::clamp<std::int64_t>(cap, 1, 60'000);
}

}  // namespace

std::uint64_t bytes_hash(std::string_view bytes) noexcept {
  // Two chains, so that one multiplication does not wait for the other.
  std::uint64_t even = kHashStart ^ bytes.size();
  std::uint64_t odd = ~kHashStart;
  std::uint64_t word = 0;
  while (bytes.size() >= 2 * sizeof word) {
    std::memcpy(&word, bytes.data(), sizeof word);
    even = mixed(even ^ word);
    std::memcpy(&word, bytes.data() + sizeof word, sizeof word);
    odd = mixed(odd ^ word);
    bytes.remove_prefix(2 * sizeof word);
  }
  while (!bytes.empty()) {
    word = 0;
    const std::size_t size = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), size);
    even = mixed(even ^ word);
    bytes.remove_prefix(size);
  }
  return mixed(even ^ mixed(odd));
}

Crowd::Crowd(const BenchOptions& options) : options_(options), random_(options.seed) {
  const auto count = static_cast<std::size_t>(options.buyers);
  buyers_.resize(count);
  const auto poor = static_cast<std::size_t>(options.buyers * options.poor / 100);
  rich_ = std::max<std::size_t>(1, count - poor);
  greedy_ = std::clamp<std::size_t>(rich_ / 100, 1, kGreedyMax);
  for (const std::int64_t supply : options.editions) {
    DropEdition edition;
    edition.supply = supply;
    edition.per_account = options.per_account > 0
                              ? options.per_account
                              : cap_for(supply, static_cast<std::int64_t>(rich_));
    editions_.push_back(std::move(edition));
    supply_ += supply;
  }
  planned_.resize(editions_.size() * count);
  bought_.resize(editions_.size() * greedy_);
  const double expected = static_cast<double>(supply_) * options.attempts;
  attempts_.reserve(static_cast<std::size_t>(expected) * 2);
  sales_.reserve(static_cast<std::size_t>(supply_));
}

std::int64_t Crowd::stars_needed() const {
  // More than the caps allow: a server that forgot a cap must not be saved by empty pockets.
  std::int64_t gifts = 100;
  for (const DropEdition& edition : editions_) gifts += edition.per_account;
  return gifts * options_.stars;
}

std::size_t Crowd::weighted_edition() {
  auto at = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(supply_)));
  for (std::size_t i = 0; i < editions_.size(); ++i) {
    at -= editions_[i].supply;
    if (at < 0) return i;
  }
  return editions_.size() - 1;
}

std::optional<Attempt> Crowd::purchase() {
  Attempt out;
  // The greedy buy one of each edition in turn until they may buy no more.
  while (greedy_at_ < greedy_ * editions_.size()) {
    const std::size_t edition = greedy_at_ / greedy_;
    const std::size_t buyer = greedy_at_ % greedy_;
    if (planned(edition, buyer) < editions_[edition].per_account) {
      ++planned(edition, buyer);
      out.buyer = static_cast<std::uint32_t>(buyer);
      out.edition = static_cast<std::uint16_t>(edition);
      return out;
    }
    ++greedy_at_;
  }
  std::size_t edition = weighted_edition();
  // While some edition is on sale, few still ask for one that is sold out.
  if (gone(edition) && !sold_out() && random_.below(10) != 0) {
    for (std::size_t i = 0; i < editions_.size(); ++i) {
      if (!gone(i)) edition = i;
    }
  }
  out.edition = static_cast<std::uint16_t>(edition);
  for (int look = 0; look < kLooksMax; ++look) {
    cursor_ = (cursor_ + 1) % rich_;
    out.buyer = static_cast<std::uint32_t>(cursor_);
    if (gone(edition)) return out;
    if (planned(edition, cursor_) < editions_[edition].per_account) {
      ++planned(edition, cursor_);
      return out;
    }
  }
  return std::nullopt;
}

std::optional<Attempt> Crowd::replay() {
  if (sales_.empty()) return std::nullopt;
  const auto sale = static_cast<std::uint32_t>(random_.below(sales_.size()));
  Attempt out = attempts_[sales_[sale].attempt];
  out.kind = AttemptKind::replay;
  out.sale = sale;
  out.answered = false;
  out.written = false;
  out.sent_before = false;
  return out;
}

std::optional<Attempt> Crowd::over_cap() {
  if (capped_.empty()) return std::nullopt;
  const Capped& capped = capped_[random_.below(capped_.size())];
  Attempt out;
  out.buyer = capped.buyer;
  out.edition = capped.edition;
  out.kind = AttemptKind::over_cap;
  return out;
}

std::optional<Attempt> Crowd::poor() {
  if (rich_ == buyers_.size()) return std::nullopt;
  Attempt out;
  out.buyer = static_cast<std::uint32_t>(rich_ + random_.below(buyers_.size() - rich_));
  out.edition = static_cast<std::uint16_t>(weighted_edition());
  out.kind = AttemptKind::poor;
  return out;
}

bool Crowd::choose() {
  const auto number = static_cast<std::uint32_t>(attempts_.size());
  const auto dice = static_cast<std::int64_t>(random_.below(100));
  std::optional<Attempt> out;
  if (dice < options_.replays) {
    out = replay();
  } else if (dice < options_.replays + options_.over_cap) {
    out = over_cap();
  } else if (dice < options_.replays + options_.over_cap + options_.poor) {
    out = poor();
  }
  if (!out) out = purchase();
  // Everybody has asked for all they may, and the answers are still to come.
  if (!out) out = over_cap();
  if (!out) out = poor();
  if (!out) return false;
  if (out->kind != AttemptKind::replay) out->key = number;
  attempts_.push_back(*out);
  return true;
}

void Crowd::record_sale(std::uint32_t number,
                        std::string_view gift,
                        std::int64_t serial,
                        std::uint64_t body_hash) {
  const Attempt& attempt = attempts_[number];
  sales_.push_back({body_hash, serial, GiftName(gift), number, attempt.buyer, attempt.edition});
  DropEdition& edition = editions_[attempt.edition];
  ++edition.sold;
  if (attempt.buyer < greedy_) {
    std::uint16_t& bought = bought_[attempt.edition * greedy_ + attempt.buyer];
    if (++bought == edition.per_account) capped_.push_back({attempt.buyer, attempt.edition});
  }
}

}  // namespace stardrop::app
