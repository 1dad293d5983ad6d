// The strict JSON reader in front of money, and the decoder of described structs.
//
// Syntax is nlohmann/json's (RFC 8259) with everything lax taken out: no NUL or trailing bytes, no
// duplicate keys, depth ≤ 32, numbers other than plain 64-bit integers are kept apart so that they
// can never be read as an amount.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/result.h"
#include "base/time.h"

namespace stardrop {

/// Deepest nesting of a request body.
inline constexpr std::size_t kJsonDepthMax = 32;
/// Most keys of one object.
inline constexpr std::size_t kJsonKeysMax = 1000;

class JsonDocument;

/// A value inside a document. Cheap to copy; valid while its document lives.
class JsonValue {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, other_number, text, array, object };

  Kind kind() const noexcept;
  bool is_null() const noexcept { return kind() == Kind::null; }
  bool boolean() const noexcept;
  std::int64_t integer() const noexcept;
  std::string_view text() const noexcept;

  /// Calls `visit(element)` for each element of an array.
  template <class Visit>
  void for_each_element(Visit&& visit) const;
  /// Calls `visit(key, value)` for each member of an object.
  template <class Visit>
  void for_each_member(Visit&& visit) const;
  /// Number of elements or members.
  std::size_t size() const noexcept;

 private:
  friend class JsonDocument;
  JsonValue(const JsonDocument* document, std::uint32_t at) noexcept
      : document_(document), at_(at) {}
  const JsonDocument* document_;
  std::uint32_t at_;
};

/// A parsed text. The memory is reused when the same document parses again.
class JsonDocument {
 public:
  /// Refused with, in this order: invalid_json (syntax), invalid_request (too deep, too many keys,
  /// duplicate key).
  Status parse(std::string_view text);
  JsonValue root() const noexcept { return JsonValue(this, 0); }

 private:
  friend class JsonValue;
  friend struct JsonBuilder;
  struct Node {
    JsonValue::Kind kind = JsonValue::Kind::null;
    std::int64_t integer = 0;     // integer, boolean; elements or members of a container
    std::uint32_t text_at = 0;    // text
    std::uint32_t text_size = 0;  // text
    std::uint32_t next = 0;       // first node behind this value
  };
  std::vector<Node> nodes_;
  std::string texts_;
};

template <class Visit>
void JsonValue::for_each_element(Visit&& visit) const {
  const auto& nodes = document_->nodes_;
  for (std::uint32_t at = at_ + 1; at < nodes[at_].next; at = nodes[at].next) {
    visit(JsonValue(document_, at));
  }
}

template <class Visit>
void JsonValue::for_each_member(Visit&& visit) const {
  const auto& nodes = document_->nodes_;
  for (std::uint32_t at = at_ + 1; at < nodes[at_].next;) {
    const JsonValue key(document_, at);
    const JsonValue value(document_, nodes[at].next);
    visit(key.text(), value);
    at = nodes[nodes[at].next].next;
  }
}

namespace json_detail {

/// The limits of a field without its class.
struct Limits {
  std::int64_t min;
  std::int64_t max;
  std::size_t size_max;
};

Error wrong_type(std::string_view expected);
Error out_of_range(const Limits& limits, bool amount);
Status decode_integer(JsonValue in, const Limits& limits, std::int64_t& out);
Status decode_stars(JsonValue in, const Limits& limits, Stars& out);
Status decode_text(JsonValue in, const Limits& limits, std::string& out);
Status decode_instant(JsonValue in, Instant& out);
/// Puts `name` in front of the parameter an inner decoder has named.
Error inside(Error error, std::string_view name);

}  // namespace json_detail

template <class T>
Status decode(JsonValue in, const json_detail::Limits& limits, T& out);

/// Fields that come from elsewhere than the body, as bits in the order of `fields()`.
struct Given {
  std::uint64_t fixed = 0;     ///< set already, such as by the path: the body may not name them
  std::uint64_t defaults = 0;  ///< have a default: the body may leave them out
};

/// Decodes an object into a described struct: unknown fields are refused, fields that are not
/// optional must be there, null counts as absent only for optional fields.
/// Refused with: invalid_value, unknown_field, missing_field, amount_invalid, invalid_id.
template <Described T>
Status decode_object(JsonValue in, T& out, Given given = {}) {
  if (in.kind() != JsonValue::Kind::object) return json_detail::wrong_type("an object");
  std::uint64_t seen = 0;
  static_assert(kFieldCount<T> <= 64, "a bit per field");
  std::optional<Error> refused;
  in.for_each_member([&](std::string_view key, JsonValue value) {
    if (refused) return;
    bool known = false;
    std::size_t index = 0;
    for_each_field<T>([&](const auto& f) {
      const bool fixed = (given.fixed >> index & 1U) != 0;
      if (!known && !f.internal && !fixed && f.name == key) {
        known = true;
        seen |= std::uint64_t{1} << index;
        using Member = typename std::remove_cvref_t<decltype(f)>::Member;
        if (value.is_null() && (f.optional || kIsOptional<Member>)) return;
        if constexpr (!std::is_same_v<Member, Bytes>) {
          Status status = decode(value, {f.min, f.max, f.size_max}, out.*(f.member));
          if (!status) refused = json_detail::inside(std::move(status).error(), f.name);
        }
      }
      ++index;
    });
    if (!known) refused = Error(ErrorCode::unknown_field).param(std::string(key));
  });
  if (refused) return *std::move(refused);
  seen |= given.fixed | given.defaults;
  std::size_t index = 0;
  for_each_field<T>([&](const auto& f) {
    using Member = typename std::remove_cvref_t<decltype(f)>::Member;
    const bool there = (seen >> index & 1U) != 0;
    if (!there && !f.optional && !kIsOptional<Member> && !refused) {
      refused = Error(ErrorCode::missing_field).param(std::string(f.name));
    }
    ++index;
  });
  if (refused) return *std::move(refused);
  return done();
}

/// Decodes one value of any field type.
template <class T>
Status decode(JsonValue in, const json_detail::Limits& limits, T& out) {
  if constexpr (kIsOptional<T>) {
    return decode(in, limits, out.emplace());
  } else if constexpr (kIsId<T>) {
    if (in.kind() != JsonValue::Kind::text) return Error(ErrorCode::invalid_id);
    const auto parsed = T::parse(in.text());
    if (!parsed) return Error(ErrorCode::invalid_id);
    out = *parsed;
    return done();
  } else if constexpr (std::is_same_v<T, Stars>) {
    return json_detail::decode_stars(in, limits, out);
  } else if constexpr (std::is_same_v<T, Instant>) {
    return json_detail::decode_instant(in, out);
  } else if constexpr (std::is_same_v<T, bool>) {
    if (in.kind() != JsonValue::Kind::boolean) return json_detail::wrong_type("true or false");
    out = in.boolean();
    return done();
  } else if constexpr (NamedEnum<T>) {
    if (in.kind() != JsonValue::Kind::text) return json_detail::wrong_type("a word");
    const auto found = enum_of<T>(in.text());
    if (!found) return json_detail::wrong_type("one of the words listed for it");
    out = *found;
    return done();
  } else if constexpr (std::is_integral_v<T>) {
    std::int64_t value = 0;
    json_detail::Limits narrowed = limits;
    const auto low = static_cast<std::int64_t>(std::numeric_limits<T>::min());
    if (narrowed.min < low) narrowed.min = low;
    if constexpr (sizeof(T) < 8) {
      const auto high = static_cast<std::int64_t>(std::numeric_limits<T>::max());
      if (narrowed.max > high) narrowed.max = high;
    }
    STARDROP_TRY(json_detail::decode_integer(in, narrowed, value));
    out = static_cast<T>(value);
    return done();
  } else if constexpr (std::is_same_v<T, std::string>) {
    return json_detail::decode_text(in, limits, out);
  } else if constexpr (kIsVector<T>) {
    if (in.kind() != JsonValue::Kind::array) return json_detail::wrong_type("a list");
    if (in.size() > limits.size_max) {
      return Error(ErrorCode::invalid_value)
          .detail("The list has more entries than allowed.")
          .with("entries_max", static_cast<std::int64_t>(limits.size_max));
    }
    std::optional<Error> refused;
    std::size_t index = 0;
    out.clear();
    in.for_each_element([&](JsonValue element) {
      if (refused) return;
      Status status = decode(element, {limits.min, limits.max, 4096}, out.emplace_back());
      if (!status) {
        refused = json_detail::inside(std::move(status).error(), std::to_string(index));
      }
      ++index;
    });
    if (refused) return *std::move(refused);
    return done();
  } else {
    static_assert(Described<T>, "every field type of a request has a JSON form");
    return decode_object(in, out);
  }
}

}  // namespace stardrop
