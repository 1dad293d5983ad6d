// Writes JSON straight into a string: no trees, no streams.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/time.h"

namespace stardrop {

/// Appends `text` quoted and escaped. The text is valid UTF-8.
void append_json_text(std::string& out, std::string_view text);

/// Appends values and keeps track of commas. The caller balances objects and arrays.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) noexcept : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  /// The key of the next value. Keys are our own words: nothing to escape.
  JsonWriter& key(std::string_view name) {
    comma();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    first_ = true;
    return *this;
  }

  JsonWriter& text(std::string_view value) {
    comma();
    append_json_text(out_, value);
    return *this;
  }
  JsonWriter& integer(std::int64_t value) {
    comma();
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    out_.append(buffer, static_cast<std::size_t>(end - buffer));
    return *this;
  }
  JsonWriter& boolean(bool value) {
    comma();
    out_ += value ? "true" : "false";
    return *this;
  }
  JsonWriter& null() {
    comma();
    out_ += "null";
    return *this;
  }
  /// JSON that is known to be sound, such as a value written before.
  JsonWriter& raw(std::string_view json) {
    comma();
    out_ += json;
    return *this;
  }

  /// Any described struct or field type. Ids and times are text, `Stars` whole numbers. Absent
  /// optionals are null.
  template <class T>
  JsonWriter& value(const T& v) {
    if constexpr (kIsId<T>) {
      return v.is_set() ? id(v) : null();
    } else if constexpr (kIsAmount<T>) {
      return integer(v.whole_part());
    } else if constexpr (std::is_same_v<T, Instant>) {
      return v.is_set() ? plain(rfc3339(v)) : null();
    } else if constexpr (std::is_same_v<T, bool>) {
      return boolean(v);
    } else if constexpr (NamedEnum<T>) {
      return plain(name_of(v));
    } else if constexpr (std::is_integral_v<T>) {
      return integer(static_cast<std::int64_t>(v));
    } else if constexpr (std::is_same_v<T, std::string>) {
      return text(v);
    } else if constexpr (kIsOptional<T>) {
      return v ? value(*v) : null();
    } else if constexpr (kIsVector<T>) {
      begin_array();
      for (const auto& each : v) value(each);
      return end_array();
    } else {
      static_assert(Described<T>, "every field type of an answer has a JSON form");
      begin_object();
      members(v);
      return end_object();
    }
  }

  /// The fields of `v` inside an object that is open.
  template <Described T>
  JsonWriter& members(const T& v) {
    for_each_field<T>([&](const auto& f) { key(f.name).value(v.*(f.member)); });
    return *this;
  }

 private:
  template <class Tag>
  JsonWriter& id(Id<Tag> v) {
    return plain(Tag::kPrefix, id_digits(static_cast<std::uint64_t>(v.value())));
  }
  /// Text that has nothing to escape, in one or two parts.
  JsonWriter& plain(std::string_view start, std::string_view rest = {}) {
    comma();
    out_ += '"';
    out_ += start;
    out_ += rest;
    out_ += '"';
    return *this;
  }
  void comma() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  JsonWriter& open(char c) {
    comma();
    out_ += c;
    first_ = true;
    return *this;
  }
  JsonWriter& close(char c) {
    out_ += c;
    first_ = false;
    return *this;
  }

  std::string& out_;
  bool first_ = true;
};

/// The JSON of `v`.
template <class T>
std::string to_json(const T& v) {
  std::string out;
  JsonWriter(out).value(v);
  return out;
}

}  // namespace stardrop
