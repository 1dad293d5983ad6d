// Strict JSON on nlohmann's SAX parser.
#include "base/json_reader.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace stardrop {

/// Receives the parser's events and lays the values out one behind the other.
struct JsonBuilder {
  using Kind = JsonValue::Kind;

  explicit JsonBuilder(JsonDocument& target) : document(target) {}

  bool null() { return leaf(Kind::null, 0); }
  bool boolean(bool value) { return leaf(Kind::boolean, value ? 1 : 0); }
  bool number_integer(std::int64_t value) { return leaf(Kind::integer, value); }
  bool number_unsigned(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return leaf(Kind::other_number, 0);
    }
    return leaf(Kind::integer, static_cast<std::int64_t>(value));
  }
  bool number_float(double, const std::string&) { return leaf(Kind::other_number, 0); }
  bool string(std::string& value) {
    count_element();
    append_text(value);
    return true;
  }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return start(Kind::object); }
  bool start_array(std::size_t) { return start(Kind::array); }
  bool end_object() { return end(); }
  bool end_array() { return end(); }

  bool key(std::string& value) {
    auto& members = document.nodes_[open.back()].integer;
    if (static_cast<std::size_t>(++members) > kJsonKeysMax) {
      return refuse("An object has too many keys.");
    }
    const std::uint32_t first = open.back() + 1;
    const auto end_of_nodes = static_cast<std::uint32_t>(document.nodes_.size());
    for (std::uint32_t at = first; at < end_of_nodes;) {
      const JsonDocument::Node& node = document.nodes_[at];
      if (std::string_view(document.texts_).substr(node.text_at, node.text_size) == value) {
        return refuse("An object has the same key twice.");
      }
      at = document.nodes_[node.next].next;
    }
    append_text(value);
    return true;
  }

  template <class Exception>
  bool parse_error(std::size_t position, const std::string&, const Exception& fault) {
    // The text is JSON, but a number in it is larger than any we know (nlohmann's out_of_range).
    constexpr int kNumberOverflow = 406;
    if (fault.id == kNumberOverflow) {
      refused = Error(ErrorCode::amount_invalid)
                    .detail("A number is too large.")
                    .with("position", static_cast<std::int64_t>(position));
      return false;
    }
    refused = Error(ErrorCode::invalid_json).with("position", static_cast<std::int64_t>(position));
    return false;
  }

  bool leaf(Kind kind, std::int64_t value) {
    count_element();
    JsonDocument::Node node;
    node.kind = kind;
    node.integer = value;
    node.next = static_cast<std::uint32_t>(document.nodes_.size() + 1);
    document.nodes_.push_back(node);
    return true;
  }
  bool start(Kind kind) {
    if (open.size() >= kJsonDepthMax) return refuse("The body is nested too deeply.");
    leaf(kind, 0);
    open.push_back(static_cast<std::uint32_t>(document.nodes_.size() - 1));
    return true;
  }
  bool end() {
    document.nodes_[open.back()].next = static_cast<std::uint32_t>(document.nodes_.size());
    open.pop_back();
    return true;
  }
  void count_element() {
    if (!open.empty() && document.nodes_[open.back()].kind == Kind::array) {
      ++document.nodes_[open.back()].integer;
    }
  }
  void append_text(const std::string& value) {
    JsonDocument::Node node;
    node.kind = Kind::text;
    node.text_at = static_cast<std::uint32_t>(document.texts_.size());
    node.text_size = static_cast<std::uint32_t>(value.size());
    node.next = static_cast<std::uint32_t>(document.nodes_.size() + 1);
    document.texts_ += value;
    document.nodes_.push_back(node);
  }
  bool refuse(const char* sentence) {
    refused = Error(ErrorCode::invalid_request).detail(sentence);
    return false;
  }

  JsonDocument& document;
  std::vector<std::uint32_t> open;
  std::optional<Error> refused;
};

Status JsonDocument::parse(std::string_view text) {
  nodes_.clear();
  texts_.clear();
  // nlohmann/json takes a NUL at the end for the end of input.
  if (text.find('\0') != std::string_view::npos) return ErrorCode::invalid_json;
  JsonBuilder builder(*this);
  const bool parsed = nlohmann::json::sax_parse(text.begin(), text.end(), &builder,
                                                nlohmann::json::input_format_t::json, true);
  if (builder.refused) return *std::move(builder.refused);
  if (!parsed || nodes_.empty()) return ErrorCode::invalid_json;
  return done();
}

JsonValue::Kind JsonValue::kind() const noexcept { return document_->nodes_[at_].kind; }
bool JsonValue::boolean() const noexcept { return document_->nodes_[at_].integer != 0; }
std::int64_t JsonValue::integer() const noexcept { return document_->nodes_[at_].integer; }
std::size_t JsonValue::size() const noexcept {
  return static_cast<std::size_t>(document_->nodes_[at_].integer);
}
std::string_view JsonValue::text() const noexcept {
  const auto& node = document_->nodes_[at_];
  return std::string_view(document_->texts_).substr(node.text_at, node.text_size);
}

namespace json_detail {

Error wrong_type(std::string_view expected) {
  return Error(ErrorCode::invalid_value).detail("This must be " + std::string(expected) + ".");
}

Error out_of_range(const Limits& limits, bool amount) {
  return Error(amount ? ErrorCode::amount_invalid : ErrorCode::invalid_value)
      .detail("This must be a plain integer from " + std::to_string(limits.min) + " to " +
              std::to_string(limits.max) + ".")
      .with("min", limits.min)
      .with("max", limits.max);
}

Status decode_integer(JsonValue in, const Limits& limits, std::int64_t& out) {
  if (in.kind() != JsonValue::Kind::integer || in.integer() < limits.min ||
      in.integer() > limits.max) {
    return out_of_range(limits, false);
  }
  out = in.integer();
  return done();
}

Status decode_stars(JsonValue in, const Limits& limits, Stars& out) {
  Limits whole = limits;
  whole.min = std::max(whole.min, std::int64_t{0});
  whole.max = std::min(whole.max, kIssuedMax.whole_part());
  if (in.kind() != JsonValue::Kind::integer || in.integer() < whole.min ||
      in.integer() > whole.max) {
    return out_of_range(whole, true);
  }
  out = Stars::whole(in.integer());
  return done();
}

Status decode_text(JsonValue in, const Limits& limits, std::string& out) {
  if (in.kind() != JsonValue::Kind::text) return wrong_type("text");
  if (in.text().size() > limits.size_max) {
    return Error(ErrorCode::invalid_value)
        .detail("The text is too long.")
        .with("bytes_max", static_cast<std::int64_t>(limits.size_max));
  }
  out = std::string(in.text());
  return done();
}

Status decode_instant(JsonValue in, Instant& out) {
  if (in.kind() != JsonValue::Kind::text) return wrong_type("an RFC 3339 time");
  const auto parsed = parse_rfc3339(in.text());
  if (!parsed) return wrong_type("an RFC 3339 time such as 2024-10-05T12:00:00Z");
  out = *parsed;
  return done();
}

Error inside(Error error, std::string_view name) {
  std::string path(name);
  if (!error.param_name().empty()) path.append(".").append(error.param_name());
  return std::move(error).param(std::move(path));
}

}  // namespace json_detail
}  // namespace stardrop
