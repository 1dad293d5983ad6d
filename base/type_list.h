// Lists of types, for the lists that must be complete.
#pragma once

#include <cstddef>
#include <type_traits>
#include <variant>

namespace stardrop {

/// A list of types.
template <class... Types>
struct TypeList {
  static constexpr std::size_t kSize = sizeof...(Types);
  using Variant = std::variant<Types...>;

  /// The list of `Wrap<Type>`, put into `Target<…>`, such as a tuple of tables.
  template <template <class...> class Target, template <class> class Wrap>
  using Apply = Target<Wrap<Types>...>;

  /// Calls `visit(std::type_identity<Type>{})` for each type, in order.
  template <class Visit>
  static constexpr void for_each(Visit&& visit) {
    (visit(std::type_identity<Types>{}), ...);
  }

  template <class Type>
  static constexpr std::size_t kIndexOf = [] {
    std::size_t index = 0;
    std::size_t at = 0;
    ((std::is_same_v<Types, Type> ? void(index = at) : void(), ++at), ...);
    return index;
  }();
};

}  // namespace stardrop
