// The compact binary form of described structs: the journal, blobs in rows, row hashes.
//
// Integers are LEB128 (signed ones zigzagged), texts and lists carry their length, optionals a
// flag byte. The form is canonical: one value has one encoding.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/time.h"

namespace stardrop {

/// Appends values to a string.
class BinaryWriter {
 public:
  explicit BinaryWriter(std::string& out) noexcept : out_(out) {}

  void varint(std::uint64_t value) {
    while (value >= 0x80U) {
      out_.push_back(static_cast<char>(value | 0x80U));
      value >>= 7U;
    }
    out_.push_back(static_cast<char>(value));
  }
  void zigzag(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
  }
  /// 8 bytes, big-endian: for ids, which varints make longer.
  void fixed64(std::uint64_t value) {
    char bytes[8];
    for (int i = 7; i >= 0; --i) {
      bytes[i] = static_cast<char>(value & 0xffU);
      value >>= 8U;
    }
    out_.append(bytes, 8);
  }
  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void text(std::string_view value) {
    varint(value.size());
    out_.append(value);
  }
  void raw(std::string_view value) { out_.append(value); }

  /// Any described struct or field type.
  template <class T>
  void value(const T& v) {
    if constexpr (kIsId<T>) {
      id(v.value());
    } else if constexpr (kIsAmount<T>) {
      zigzag(v.units());
    } else if constexpr (std::is_same_v<T, Instant> || std::is_same_v<T, Duration>) {
      zigzag(v.us);
    } else if constexpr (std::is_same_v<T, bool>) {
      byte(v ? 1 : 0);
    } else if constexpr (std::is_enum_v<T>) {
      varint(static_cast<std::uint64_t>(v));
    } else if constexpr (std::is_unsigned_v<T>) {
      varint(v);
    } else if constexpr (std::is_integral_v<T>) {
      zigzag(v);
    } else if constexpr (std::is_same_v<T, std::string>) {
      text(v);
    } else if constexpr (std::is_same_v<T, Bytes>) {
      text(v.data);
    } else if constexpr (kIsOptional<T>) {
      byte(v ? 1 : 0);
      if (v) value(*v);
    } else if constexpr (kIsVector<T>) {
      varint(v.size());
      for (const auto& each : v) value(each);
    } else {
      static_assert(Described<T>, "every field type has a binary form");
      for_each_field<T>([&](const auto& f) { value(v.*(f.member)); });
    }
  }

 private:
  /// 0 in one byte, others in nine: absent ids are common in rows.
  void id(std::int64_t v) {
    if (v == 0) {
      byte(0);
    } else {
      byte(1);
      fixed64(static_cast<std::uint64_t>(v));
    }
  }

  std::string& out_;
};

/// Reads what `BinaryWriter` wrote. Never reads past the end: the first fault makes `ok()` false,
/// and every later read yields zeros.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view in) noexcept : in_(in) {}

  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return in_.empty(); }
  std::size_t left() const noexcept { return in_.size(); }

  std::uint64_t varint() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (in_.empty()) return fail();
      const auto byte = static_cast<unsigned char>(in_.front());
      in_.remove_prefix(1);
      if (shift == 63 && byte > 1) return fail();
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80U) {
        if (byte == 0 && shift != 0) return fail();  // longer than canonical
        return value;
      }
    }
    return fail();
  }
  std::int64_t zigzag() noexcept {
    const std::uint64_t v = varint();
    return static_cast<std::int64_t>((v >> 1U) ^ (0 - (v & 1U)));
  }
  std::uint64_t fixed64() noexcept {
    if (in_.size() < 8) return fail();
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = (value << 8U) | static_cast<unsigned char>(in_[i]);
    in_.remove_prefix(8);
    return value;
  }
  std::uint8_t byte() noexcept {
    if (in_.empty()) return static_cast<std::uint8_t>(fail());
    const auto value = static_cast<std::uint8_t>(in_.front());
    in_.remove_prefix(1);
    return value;
  }
  std::string_view text() noexcept { return raw(varint()); }
  std::string_view raw(std::size_t size) noexcept {
    if (size > in_.size()) {
      fail();
      return {};
    }
    const std::string_view out = in_.substr(0, size);
    in_.remove_prefix(size);
    return out;
  }

  /// Any described struct or field type.
  template <class T>
  void value(T& v) {
    if constexpr (kIsId<T>) {
      v = flag() ? T(static_cast<std::int64_t>(fixed64())) : T();
    } else if constexpr (kIsAmount<T>) {
      v = T::units(zigzag());
    } else if constexpr (std::is_same_v<T, Instant> || std::is_same_v<T, Duration>) {
      v.us = zigzag();
    } else if constexpr (std::is_same_v<T, bool>) {
      v = flag();
    } else if constexpr (std::is_enum_v<T>) {
      const std::uint64_t n = varint();
      if (n >= enum_names(T{}).size()) fail();
      v = ok_ ? static_cast<T>(n) : T{};
    } else if constexpr (std::is_unsigned_v<T>) {
      const std::uint64_t n = varint();
      if (n > std::numeric_limits<T>::max()) fail();
      v = static_cast<T>(ok_ ? n : 0);
    } else if constexpr (std::is_integral_v<T>) {
      const std::int64_t n = zigzag();
      if (n < std::numeric_limits<T>::min() || n > std::numeric_limits<T>::max()) fail();
      v = static_cast<T>(ok_ ? n : 0);
    } else if constexpr (std::is_same_v<T, std::string>) {
      v = std::string(text());
    } else if constexpr (std::is_same_v<T, Bytes>) {
      v.data = std::string(text());
    } else if constexpr (kIsOptional<T>) {
      if (flag()) {
        value(v.emplace());
      } else {
        v.reset();
      }
    } else if constexpr (kIsVector<T>) {
      v.clear();
      const std::uint64_t count = varint();
      if (count > in_.size()) fail();  // every entry takes a byte at least
      for (std::uint64_t i = 0; ok_ && i < count; ++i) value(v.emplace_back());
    } else {
      static_assert(Described<T>, "every field type has a binary form");
      for_each_field<T>([&](const auto& f) { value(v.*(f.member)); });
    }
  }

 private:
  bool flag() noexcept {
    const std::uint8_t b = byte();
    if (b > 1) fail();
    return ok_ && b == 1;
  }
  std::uint64_t fail() noexcept {
    ok_ = false;
    in_ = {};
    return 0;
  }

  std::string_view in_;
  bool ok_ = true;
};

/// The binary form of `v`.
template <class T>
std::string to_binary(const T& v) {
  std::string out;
  BinaryWriter(out).value(v);
  return out;
}

/// Reads a whole binary form; nothing if it is malformed or longer than one value.
template <class T>
std::optional<T> from_binary(std::string_view bytes) {
  T out{};
  BinaryReader reader(bytes);
  reader.value(out);
  if (!reader.ok() || !reader.at_end()) return std::nullopt;
  return out;
}

}  // namespace stardrop
