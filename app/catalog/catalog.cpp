// A catalogue: editions in a file, as JSON or one per line.
#include "app/catalog/catalog.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "base/json_reader.h"
#include "base/json_writer.h"

namespace stardrop::app {

namespace {

using Json = nlohmann::ordered_json;

struct Place {
  std::size_t line;
  std::size_t column;
};

/// Turns offsets into lines and columns.
class Lines {
 public:
  explicit Lines(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '\n') starts_.push_back(i + 1);
    }
  }
  Place of(std::size_t offset) const {
    const auto line = std::upper_bound(starts_.begin(), starts_.end(), offset) - 1;
    return {static_cast<std::size_t>(line - starts_.begin()) + 1, offset - *line + 1};
  }

 private:
  std::vector<std::size_t> starts_{0};
};

/// A part of the file: where it begins, and its bytes.
struct Piece {
  std::size_t offset;
  std::string_view text;
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

/// The end of the JSON value at `at`. The text is known to be sound JSON.
std::size_t value_end(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
      }
      if (depth == 0) return at + 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth <= 1) return depth == 0 ? at : at + 1;
      --depth;
    } else if (depth == 0 && (c == ',' || is_blank(c))) {
      return at;
    }
  }
  return text.size();
}

/// The members of the object at `at`: key and value.
template <class Visit>
void walk_object(std::string_view text, std::size_t at, Visit&& visit) {
  at = skip_blanks(text, at + 1);
  while (at < text.size() && text[at] == '"') {
    const std::size_t key_end = value_end(text, at);
    const std::string_view key = text.substr(at + 1, key_end - at - 2);
    const std::size_t colon = skip_blanks(text, key_end);
    const std::size_t value = skip_blanks(text, colon + 1);
    visit(key, at, value);
    at = skip_blanks(text, value_end(text, value));
    if (at < text.size() && text[at] == ',') at = skip_blanks(text, at + 1);
  }
}

/// The elements of the array at `at`.
std::vector<Piece> elements_of(std::string_view text, std::size_t at) {
  std::vector<Piece> out;
  at = skip_blanks(text, at + 1);
  while (at < text.size() && text[at] != ']') {
    const std::size_t end = value_end(text, at);
    out.push_back({at, text.substr(at, end - at)});
    at = skip_blanks(text, end);
    if (at < text.size() && text[at] == ',') at = skip_blanks(text, at + 1);
  }
  return out;
}

/// Where syntax breaks: the offset and what is expected.
struct Syntax {
  bool sound = true;
  std::size_t offset = 0;
  std::string text;
};

Syntax check_syntax(std::string_view text) {
  try {
    const Json ignored = Json::parse(text.begin(), text.end());
    return {};
  } catch (const Json::parse_error& error) {
    // nlohmann's words are "[json.exception…] parse error at line 1, column 2: …".
    std::string words = error.what();
    const std::size_t colon = words.find(": ");
    if (colon != std::string::npos) words.erase(0, colon + 2);
    return {false, error.byte == 0 ? 0 : error.byte - 1, words};
  }
}

class CatalogReader {
 public:
  explicit CatalogReader(std::string_view bytes) : bytes_(bytes), lines_(bytes) {}

  Catalog read() {
    for (const Piece& piece : pieces()) {
      if (out_.mistakes.size() >= kCatalogMistakesMax) break;
      entry(piece);
    }
    if (out_.mistakes.empty() && out_.entries.empty())
      mistake(0, "there is no edition in this file");
    if (out_.entries.size() > kCatalogEntriesMax) {
      mistake(0, "there are more than " + std::to_string(kCatalogEntriesMax) +
                     " editions in this file");
    }
    if (!out_.mistakes.empty()) out_.entries.clear();
    return std::move(out_);
  }

 private:
  void mistake(std::size_t offset, std::string text) {
    const Place place = lines_.of(std::min(offset, bytes_.size()));
    out_.mistakes.push_back({place.line, place.column, std::move(text)});
  }

  /// Whether the file is one object with `editions`; else it is one edition per line.
  bool is_document() const {
    const std::size_t first = skip_blanks(bytes_, 0);
    const std::string_view line = bytes_.substr(first, bytes_.find('\n', first) - first);
    return !check_syntax(line).sound || line.find("\"editions\"") != std::string_view::npos ||
           line.empty();
  }

  std::vector<Piece> pieces() {
    if (!is_document()) return lines();
    if (const Syntax syntax = check_syntax(bytes_); !syntax.sound) {
      mistake(syntax.offset, syntax.text);
      return {};
    }
    const std::size_t first = skip_blanks(bytes_, 0);
    if (first < bytes_.size() && bytes_[first] == '[') {
      mistake(first, "expected {\"editions\": […]}, or one edition per line");
      return {};
    }
    std::vector<Piece> out;
    walk_object(bytes_, first, [&](std::string_view key, std::size_t key_at, std::size_t value) {
      if (key != "editions") {
        mistake(key_at, "there is no field " + std::string(key));
      } else if (bytes_[value] != '[') {
        mistake(value, "editions must be a list");
      } else {
        out = elements_of(bytes_, value);
      }
    });
    return out;
  }

  std::vector<Piece> lines() {
    std::vector<Piece> out;
    for (std::size_t at = 0; at < bytes_.size();) {
      const std::size_t end = std::min(bytes_.find('\n', at), bytes_.size());
      const std::string_view line = bytes_.substr(at, end - at);
      if (skip_blanks(line, 0) < line.size()) {
        if (const Syntax syntax = check_syntax(line); syntax.sound) {
          out.push_back({at, line});
        } else {
          mistake(at + syntax.offset, syntax.text);
        }
      }
      at = end + 1;
    }
    return out;
  }

  void entry(const Piece& piece) {
    CatalogEntry out;
    out.line = lines_.of(piece.offset).line;
    Status status = document_.parse(piece.text);
    if (status.ok()) status = decode_object(document_.root(), out.terms);
    if (status.ok()) status = out.terms.check(market::RuleSettings{});
    if (!status.ok()) {
      refused(piece, status.error());
      return;
    }
    const auto [known, fresh] = slugs_.emplace(out.terms.final_slug(), out.line);
    if (!fresh) {
      mistake(field_at(piece, "slug"), "the slug " + known->first + " is used in line " +
                                           std::to_string(known->second) + " already");
      return;
    }
    out_.entries.push_back(std::move(out));
  }

  /// Where the field that a refusal names begins; the entry's begin if it has no such field.
  std::size_t field_at(const Piece& piece, std::string_view param) const {
    const std::string_view name = param.substr(0, param.find('.'));
    std::size_t found = piece.offset + skip_blanks(piece.text, 0);
    if (piece.text[skip_blanks(piece.text, 0)] != '{') return found;
    walk_object(piece.text, skip_blanks(piece.text, 0),
                [&](std::string_view key, std::size_t key_at, std::size_t) {
                  if (key == name) found = piece.offset + key_at;
                });
    return found;
  }

  void refused(const Piece& piece, const Error& error) {
    std::string text(error.param_name());
    if (!text.empty()) text += ": ";
    text += error.detail_text().empty() ? info(error.code()).title : error.detail_text();
    for (const Fact& fact : error.facts()) {
      if (const auto* number = std::get_if<std::int64_t>(&fact.value)) {
        text += " (" + std::string(fact.name) + ": " + std::to_string(*number) + ")";
      } else if (const auto* words = std::get_if<std::string>(&fact.value)) {
        text += " (" + std::string(fact.name) + ": " + *words + ")";
      }
    }
    mistake(field_at(piece, error.param_name()), std::move(text));
  }

  std::string_view bytes_;
  Lines lines_;
  JsonDocument document_;
  std::map<std::string, std::size_t> slugs_;
  Catalog out_;
};

bool is_default(const Json& value) {
  return value.is_null() || value == false || value == 0 || (value.is_array() && value.empty());
}

}  // namespace

Catalog read_catalog(std::string_view bytes) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  return CatalogReader(bytes).read();
}

std::string write_catalog(const std::vector<market::EditionTerms>& editions) {
  Json list = Json::array();
  for (const market::EditionTerms& terms : editions) {
    Json entry = Json::parse(to_json(terms));
    for (auto at = entry.begin(); at != entry.end();)
      at = is_default(*at) ? entry.erase(at) : std::next(at);
    list.push_back(std::move(entry));
  }
  Json out;
  out["editions"] = std::move(list);
  return out.dump(2) + "\n";
}

market::EditionTerms terms_of(const ledger::Edition& row) {
  market::EditionTerms terms;
  for_each_field<market::EditionTerms>([&](const auto& f) {
    for_each_field<ledger::Edition>([&](const auto& g) {
      using From = typename std::remove_cvref_t<decltype(g)>::Member;
      using To = typename std::remove_cvref_t<decltype(f)>::Member;
      if constexpr (std::is_same_v<From, To>) {
        if (f.name == g.name) terms.*(f.member) = row.*(g.member);
      }
    });
  });
  return terms;
}

std::string_view demo_catalog() {
  return R"({"editions":[
  {"slug":"lollipop","title":"Lollipop","stars":25,"supply":500000,"per_account":50,"convert_stars":21,"tags":["limited","first drop"]},
  {"slug":"cherry-blossom","title":"Cherry Blossom","stars":50,"supply":100000,"per_account":10,"convert_stars":42,"tags":["limited","first drop"]},
  {"slug":"birthday-candle","title":"Birthday Candle","stars":100,"supply":5000,"per_account":3,"convert_stars":85,"birthday":true,"tags":["limited","birthday"]},
  {"slug":"birthday-cake","title":"Birthday Cake","stars":250,"supply":1000,"per_account":2,"convert_stars":212,"birthday":true,"tags":["limited","birthday"]},
  {"slug":"golden-balloon","title":"Golden Balloon","stars":2500,"supply":50,"per_account":1,"birthday":true,"tags":["limited","birthday"]},
  {"slug":"heart","title":"Heart","stars":15,"convert_stars":13,"tags":["classic"]},
  {"slug":"teddy-bear","title":"Teddy Bear","stars":15,"convert_stars":13,"tags":["classic"]},
  {"slug":"rose","title":"Rose","stars":25,"convert_stars":21,"tags":["classic"]},
  {"slug":"bouquet","title":"Bouquet","stars":50,"convert_stars":43,"tags":["classic"]},
  {"slug":"trophy","title":"Trophy","stars":100,"convert_stars":85,"tags":["classic"]}
]}
)";
}

}  // namespace stardrop::app
