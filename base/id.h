// Strong 64-bit ids and their text form.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stardrop {

/// The 13 characters of Crockford's base 32 (lower case) that spell `value`, most significant
/// first, so that text order is number order.
std::string id_digits(std::uint64_t value);

/// Reads what `id_digits` wrote. Refuses other lengths, letters outside the alphabet, and values
/// of 2^63 and more.
std::optional<std::uint64_t> parse_id_digits(std::string_view digits) noexcept;

/// An id of one kind of thing. 0 means none. Ids are ordered by creation. `Tag::kPrefix` starts
/// the text form, as in `gft_01h2…`: a pasted id says what it is, and JavaScript keeps it whole.
template <class Tag>
class Id {
 public:
  constexpr Id() noexcept = default;
  constexpr explicit Id(std::int64_t value) noexcept : value_(value) {}
  template <class Other>
  Id(Id<Other>) = delete;

  constexpr std::int64_t value() const noexcept { return value_; }
  constexpr bool is_set() const noexcept { return value_ != 0; }

  /// The text form.
  std::string text() const {
    return std::string(Tag::kPrefix) + id_digits(static_cast<std::uint64_t>(value_));
  }

  /// Reads a text form of this kind of id; nothing if it is of another kind or malformed.
  static std::optional<Id> parse(std::string_view text) noexcept {
    const std::string_view prefix = Tag::kPrefix;
    if (!text.starts_with(prefix)) return std::nullopt;
    const auto number = parse_id_digits(text.substr(prefix.size()));
    if (!number || *number == 0) return std::nullopt;
    return Id(static_cast<std::int64_t>(*number));
  }

  friend constexpr auto operator<=>(const Id&, const Id&) noexcept = default;

 private:
  std::int64_t value_ = 0;
};

/// Marks the id types for the codecs.
template <class T>
inline constexpr bool kIsId = false;
template <class Tag>
inline constexpr bool kIsId<Id<Tag>> = true;

#define STARDROP_ID(name, prefix)                       \
  struct name##Tag {                                    \
    static constexpr std::string_view kPrefix = prefix; \
  };                                                    \
  using name##Id = Id<name##Tag>

STARDROP_ID(Account, "acc_");
STARDROP_ID(Edition, "edn_");
STARDROP_ID(Gift, "gft_");
STARDROP_ID(Transfer, "trf_");
STARDROP_ID(TopUp, "top_");
STARDROP_ID(Hold, "hld_");
STARDROP_ID(Reservation, "rsv_");
STARDROP_ID(Waitlist, "wtl_");
STARDROP_ID(Key, "key_");
STARDROP_ID(Event, "evt_");
STARDROP_ID(Op, "op_");

#undef STARDROP_ID

}  // namespace stardrop

template <class Tag>
struct std::hash<stardrop::Id<Tag>> {
  std::size_t operator()(const stardrop::Id<Tag>& id) const noexcept {
    // Ids of one millisecond differ in their low bits only: spread them over the table.
    auto x = static_cast<std::uint64_t>(id.value());
    x = (x ^ (x >> 32)) * 0x9e3779b97f4a7c15ULL;
    return static_cast<std::size_t>(x ^ (x >> 29));
  }
};
