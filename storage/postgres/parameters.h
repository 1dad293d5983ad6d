// The parameters of a statement in PostgreSQL's binary format.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stardrop::storage::postgres {

/// Object ids of the types that are used; fixed in PostgreSQL's pg_type.dat.
enum class Type : std::uint32_t {
  bytea = 17,
  int8 = 20,
  text = 25,
  uuid = 2950,
  bytea_array = 1001,
  text_array = 1009,
  int8_array = 1016,
  uuid_array = 2951,
};

/// Builds an array one element after the other.
class Array {
 public:
  explicit Array(Type array_type);

  void add(std::int64_t value);
  void add(std::string_view bytes);
  void add_null();
  std::size_t size() const noexcept { return count_; }

 private:
  friend class Parameters;
  std::string finish() const;

  Type type_;
  Type element_;
  std::uint32_t count_ = 0;
  bool has_null_ = false;
  std::string elements_;
};

/// Values for $1, $2, …
class Parameters {
 public:
  Parameters& add(std::int64_t value);
  Parameters& add(std::string_view value, Type type);
  Parameters& add(const Array& array);
  /// An array of whole numbers.
  Parameters& add(std::span<const std::int64_t> values);

  int count() const noexcept { return static_cast<int>(values_.size()); }
  const std::vector<std::uint32_t>& types() const noexcept { return types_; }
  const std::deque<std::string>& values() const noexcept { return values_; }

 private:
  std::vector<std::uint32_t> types_;
  std::deque<std::string> values_;
};

}  // namespace stardrop::storage::postgres
