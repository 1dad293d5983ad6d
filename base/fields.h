// One description of a struct's fields: JSON, SQL, the journal, OpenAPI and fuzzing are made of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace stardrop {

/// A member of struct `C` with its name (the same in JSON and SQL), a sentence for the docs, and
/// the limits a decoder enforces.
template <class C, class M>
struct Field {
  using Class = C;
  using Member = M;

  std::string_view name;
  M C::*member;
  std::string_view doc;
  /// Integers and amounts (in whole Stars): smallest and largest accepted value.
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  /// Text: most bytes; lists: most entries.
  std::size_t size_max = 4096;
  /// May be left out of a request; the member then keeps its default.
  bool optional = false;
  /// Not part of a request: filled in by the engine, kept in the journal.
  bool internal = false;
  std::string_view example = {};

  constexpr Field between(std::int64_t low, std::int64_t high) const {
    Field out = *this;
    out.min = low;
    out.max = high;
    return out;
  }
  constexpr Field at_most(std::size_t size) const {
    Field out = *this;
    out.size_max = size;
    return out;
  }
  constexpr Field or_default() const {
    Field out = *this;
    out.optional = true;
    return out;
  }
  constexpr Field as_internal() const {
    Field out = *this;
    out.internal = true;
    out.optional = true;
    return out;
  }
  constexpr Field like(std::string_view text) const {
    Field out = *this;
    out.example = text;
    return out;
  }
};

/// Describes one member.
template <class C, class M>
constexpr Field<C, M> field(std::string_view name, M C::*member, std::string_view doc) {
  return Field<C, M>{name, member, doc};
}

/// A struct that describes itself with a static `fields()`.
template <class T>
concept Described = requires {
  T::fields();
};

/// The description of `T`, made once.
template <Described T>
inline constexpr auto kFieldsOf = T::fields();

/// Calls `visit(field)` for each field of `T`, in order.
template <Described T, class Visit>
constexpr void for_each_field(Visit&& visit) {
  std::apply([&](const auto&... each) { (visit(each), ...); }, kFieldsOf<T>);
}

/// Number of described fields.
template <Described T>
inline constexpr std::size_t kFieldCount = std::tuple_size_v<decltype(T::fields())>;

/// Bytes that are not text: stored as BLOB, never shown as they are.
struct Bytes {
  std::string data;
  bool empty() const noexcept { return data.empty(); }
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;

/// An enumeration whose values have names: `enum_names(E)` found by argument-dependent look-up
/// returns an array of texts in the order of the values, which start at 0 without gaps.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) {
  enum_names(e).size();
};

/// The name of an enumerator.
template <NamedEnum E>
constexpr std::string_view name_of(E value) {
  return enum_names(value)[static_cast<std::size_t>(value)];
}

/// The enumerator called `name`.
template <NamedEnum E>
constexpr std::optional<E> enum_of(std::string_view name) {
  const auto names = enum_names(E{});
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace stardrop
