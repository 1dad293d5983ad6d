// Stars and Grams: two currencies that can't be mixed, with checked arithmetic.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stardrop {

/// The two currencies. Wire codes are Telegram's: `XTR` for Stars, `TON` for Grams.
enum class Currency : std::uint8_t { XTR, TON };

/// The wire code of `currency`.
constexpr std::string_view code_of(Currency currency) noexcept {
  return currency == Currency::XTR ? "XTR" : "TON";
}

/// An amount of one currency in its smallest unit. No operator can overflow silently: `add` and
/// `sub` return a `Result`. `Unit::kPerWhole` smallest units make one whole.
template <class Unit>
class Amount {
 public:
  constexpr Amount() noexcept = default;
  /// From smallest units.
  static constexpr Amount units(std::int64_t value) noexcept { return Amount(value); }
  /// From whole Stars or Grams that are known to fit, such as constants and decoded limits.
  static constexpr Amount whole(std::int64_t value) noexcept {
    return Amount(value * Unit::kPerWhole);
  }
  /// From whole Stars or Grams that may be anything.
  static Result<Amount> checked_whole(std::int64_t value) {
    std::int64_t out = 0;
    if (__builtin_mul_overflow(value, Unit::kPerWhole, &out)) return ErrorCode::amount_out_of_range;
    return Amount(out);
  }

  constexpr std::int64_t units() const noexcept { return value_; }
  constexpr bool is_zero() const noexcept { return value_ == 0; }
  constexpr bool is_negative() const noexcept { return value_ < 0; }
  constexpr bool is_positive() const noexcept { return value_ > 0; }
  /// Whole Stars or Grams, rounded toward zero.
  constexpr std::int64_t whole_part() const noexcept { return value_ / Unit::kPerWhole; }
  constexpr Amount negated() const noexcept { return Amount(-value_); }

  /// Decimal text without trailing zeros, such as `249.15` or `-0.5`.
  std::string text() const;
  /// Reads decimal text with at most the unit's number of decimals.
  static std::optional<Amount> parse(std::string_view text) noexcept;

  friend constexpr auto operator<=>(const Amount&, const Amount&) noexcept = default;

 private:
  constexpr explicit Amount(std::int64_t value) noexcept : value_(value) {}
  std::int64_t value_ = 0;
};

/// a + b, refused with `amount_out_of_range` where 64 bits don't hold it.
template <class Unit>
Result<Amount<Unit>> add(Amount<Unit> a, Amount<Unit> b) {
  std::int64_t out = 0;
  if (__builtin_add_overflow(a.units(), b.units(), &out)) return ErrorCode::amount_out_of_range;
  return Amount<Unit>::units(out);
}

/// a − b, refused with `amount_out_of_range` where 64 bits don't hold it.
template <class Unit>
Result<Amount<Unit>> sub(Amount<Unit> a, Amount<Unit> b) {
  std::int64_t out = 0;
  if (__builtin_sub_overflow(a.units(), b.units(), &out)) return ErrorCode::amount_out_of_range;
  return Amount<Unit>::units(out);
}

/// One Star is 10⁶ microstars, so per mille of per mille is exact.
struct MicrostarUnit {
  static constexpr std::int64_t kPerWhole = 1'000'000;
  static constexpr int kDecimals = 6;
  static constexpr Currency kCurrency = Currency::XTR;
};
/// One Gram (the TON coin) is 10⁹ nanograms.
struct NanogramUnit {
  static constexpr std::int64_t kPerWhole = 1'000'000'000;
  static constexpr int kDecimals = 9;
  static constexpr Currency kCurrency = Currency::TON;
};

/// Stars, counted in microstars; ±9.2·10¹² Stars.
using Stars = Amount<MicrostarUnit>;
/// Grams, counted in nanograms.
using Grams = Amount<NanogramUnit>;

/// Most Stars that may be in circulation at once: 9·10¹², so that no sum of balances can overflow.
inline constexpr Stars kIssuedMax = Stars::whole(9'000'000'000'000);

/// Marks the amount types for the codecs.
template <class T>
inline constexpr bool kIsAmount = false;
template <class Unit>
inline constexpr bool kIsAmount<Amount<Unit>> = true;

extern template class Amount<MicrostarUnit>;
extern template class Amount<NanogramUnit>;

}  // namespace stardrop
