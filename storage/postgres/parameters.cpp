// Big-endian numbers and length-prefixed elements.
#include "storage/postgres/parameters.h"

#include "base/check.h"

namespace stardrop::storage::postgres {
namespace {

template <class Integer>
void put(std::string& out, Integer value) {
  using Unsigned = std::make_unsigned_t<Integer>;
  for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((static_cast<Unsigned>(value) >> shift) & 0xffU));
  }
}

Type element_of(Type array) {
  if (array == Type::bytea_array) return Type::bytea;
  if (array == Type::text_array) return Type::text;
  if (array == Type::uuid_array) return Type::uuid;
  STARDROP_ASSERT(array == Type::int8_array, "an array has a type of arrays");
  return Type::int8;
}

}  // namespace

Array::Array(Type array_type) : type_(array_type), element_(element_of(array_type)) {}

void Array::add(std::int64_t value) {
  ++count_;
  put(elements_, std::int32_t{8});
  put(elements_, value);
}

void Array::add(std::string_view bytes) {
  ++count_;
  put(elements_, static_cast<std::int32_t>(bytes.size()));
  elements_.append(bytes);
}

void Array::add_null() {
  ++count_;
  has_null_ = true;
  put(elements_, std::int32_t{-1});
}

std::string Array::finish() const {
  std::string out;
  out.reserve(20 + elements_.size());
  put(out, std::int32_t{count_ == 0 ? 0 : 1});  // dimensions
  put(out, std::int32_t{has_null_ ? 1 : 0});
  put(out, static_cast<std::uint32_t>(element_));
  if (count_ == 0) return out;
  put(out, count_);
  put(out, std::int32_t{1});  // the first subscript
  out += elements_;
  return out;
}

Parameters& Parameters::add(std::int64_t value) {
  types_.push_back(static_cast<std::uint32_t>(Type::int8));
  put(values_.emplace_back(), value);
  return *this;
}

Parameters& Parameters::add(std::string_view value, Type type) {
  types_.push_back(static_cast<std::uint32_t>(type));
  values_.emplace_back(value);
  return *this;
}

Parameters& Parameters::add(const Array& array) {
  types_.push_back(static_cast<std::uint32_t>(array.type_));
  values_.push_back(array.finish());
  return *this;
}

Parameters& Parameters::add(std::span<const std::int64_t> values) {
  Array array(Type::int8_array);
  for (const std::int64_t value : values) array.add(value);
  return add(array);
}

}  // namespace stardrop::storage::postgres
