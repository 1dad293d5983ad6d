// The scenario runner: words to requests, answers to comparisons.
#include "tests/support/scenario.h"

#include <algorithm>
#include <charconv>

#include "base/json_writer.h"

namespace stardrop::testing {
namespace {

/// Words of a line. Spaces inside quotes and brackets do not part; a comment ends the line.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> out;
  std::string word;
  bool quoted = false;
  int depth = 0;
  for (const char c : line) {
    if (!quoted && c == '#' && word.empty()) break;
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '[' || c == '{')) ++depth;
    if (!quoted && (c == ']' || c == '}')) --depth;
    if (!quoted && depth == 0 && (c == ' ' || c == '\t')) {
      if (!word.empty()) out.push_back(std::exchange(word, {}));
    } else {
      word += c;
    }
  }
  if (!word.empty()) out.push_back(word);
  return out;
}

/// `field=value` in two; the second is empty without a `=`.
std::pair<std::string, std::string> halves(const std::string& word) {
  const std::size_t at = word.find('=');
  if (at == std::string::npos) return {word, {}};
  return {word.substr(0, at), word.substr(at + 1)};
}

std::string unquoted(const std::string& word) {
  if (word.size() < 2 || word.front() != '"' || word.back() != '"') return word;
  return word.substr(1, word.size() - 2);
}

std::string quoted(std::string_view text) {
  std::string out;
  append_json_text(out, text);
  return out;
}

/// `10m`, `-2h`, `+30s`; nothing if it is something else.
std::optional<Duration> duration_of(std::string_view word) {
  if (word.size() < 2) return std::nullopt;
  const std::int64_t sign = word.front() == '-' ? -1 : 1;
  if (word.front() == '-' || word.front() == '+') word.remove_prefix(1);
  constexpr std::string_view kUnits = "smhd";
  constexpr std::int64_t kSeconds[] = {1, 60, 3600, 86'400};
  const std::size_t unit = kUnits.find(word.back());
  std::int64_t count = 0;
  const char* const end = word.data() + word.size() - 1;
  const auto read = std::from_chars(word.data(), end, count);
  if (unit == std::string_view::npos || read.ptr != end || read.ec != std::errc()) {
    return std::nullopt;
  }
  return Duration::seconds(sign * count * kSeconds[unit]);
}

/// A moment told relative to now, in the form it has in JSON.
std::string moment(const std::string& word, Instant now) {
  if (!word.starts_with('+')) return word;
  const auto by = duration_of(word);
  return by ? rfc3339(now.plus(*by)) : word;
}

template <class Member>
std::string json_word(const std::string& word, Instant now) {
  if constexpr (kIsOptional<Member>) {
    return word == "null" ? word : json_word<typename Member::value_type>(word, now);
  } else if constexpr (std::is_same_v<Member, Instant>) {
    return quoted(moment(unquoted(word), now));
  } else if constexpr (kIsId<Member> || NamedEnum<Member> || std::is_same_v<Member, std::string>) {
    return quoted(unquoted(word));
  } else {
    return word;
  }
}

bool is_name(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  }) && !(word.front() >= '0' && word.front() <= '9');
}

}  // namespace

void Scenario::wrong(const std::string& what) { wrongs_.push_back(where_ + what); }

std::string Scenario::resolve(const std::string& word) const {
  const auto found = names_.find(word);
  return found != names_.end() ? found->second : word;
}

std::vector<std::string> Scenario::play(std::string_view name, std::string_view text) {
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view whole = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    where_ = std::string(name) + ':' + std::to_string(++number) + ": ";
    const std::vector<std::string> words = words_of(whole);
    if (words.empty()) continue;
    const std::size_t first = whole.find_first_not_of(" \t");
    line(words, whole.substr(first + words.front().size()));
  }
  return wrongs_;
}

void Scenario::line(const std::vector<std::string>& words, std::string_view rest) {
  if (words.front() == "given") {
    given(rest);
  } else if (words.front() == "expect") {
    expect(words, rest);
  } else if (words.front() == "advance" && words.size() == 2) {
    advance(words[1]);
  } else if (words.size() >= 4 && words[1] == "times") {
    repeat(words);
  } else if (words.size() >= 2) {
    act(words);
  } else {
    wrong("this line says nothing: " + words.front());
  }
}

void Scenario::repeat(const std::vector<std::string>& words) {
  int count = 0;
  const char* const end = words[0].data() + words[0].size();
  if (std::from_chars(words[0].data(), end, count).ptr != end || count < 1) {
    return wrong("this is no number of times: " + words[0]);
  }
  for (int i = 1; i <= count; ++i) {
    std::vector<std::string> once(words.begin() + 2, words.end());
    for (std::string& word : once) {
      if (word.ends_with('#')) word.replace(word.size() - 1, 1, std::to_string(i));
    }
    act(once);
  }
}

std::string Scenario::must(const std::string& command, const std::string& json) {
  const Answer answer = backend_.submit({{market::CallerKind::operator_, {}}, command, json, {}});
  if (answer.code != "ok") wrong(command + " is refused with " + answer.code);
  const auto id = answer.facts.find("id");
  return id != answer.facts.end() ? id->second : std::string();
}

void Scenario::given(std::string_view rest) {
  std::string part;
  const auto tell = [&] {
    const std::vector<std::string> words = words_of(std::exchange(part, {}));
    if (words.empty()) return;
    const bool app = words.size() == 4 && words[1] == "is" && words[3] == "app";
    if (!app && (words.size() != 3 || words[1] != "has")) return wrong("this can't be given");
    const std::string& name = words[0];
    names_[name] = must("create_account", R"({"kind":")" + std::string(app ? "bot" : "user") +
                                              R"(","name":")" + name + R"("})");
    if (app) {
      apps_.insert(name);
    } else if (words[2] != "0") {
      must("top_up", R"({"account":")" + names_[name] + R"(","stars":)" + words[2] +
                         R"(,"provider":"given","reference":")" + names_[name] + R"("})");
    }
  };
  for (const char c : rest) {
    if (c == '#') break;
    if (c == ',') {
      tell();
    } else {
      part += c;
    }
  }
  tell();
}

void Scenario::advance(const std::string& by) {
  const auto length = duration_of(by);
  if (!length) return wrong("this is no length of time: " + by);
  backend_.set_clock(backend_.now().plus(*length));
}

market::Caller Scenario::caller_of(const std::string& actor) {
  using market::CallerKind;
  if (actor == "operator") return {CallerKind::operator_, {}};
  if (actor == "engine") return {CallerKind::engine, {}};
  const bool as_app = actor.starts_with("app:") || apps_.contains(actor);
  const std::string name = actor.starts_with("app:") ? actor.substr(4) : actor;
  const auto account = AccountId::parse(resolve(name));
  if (!account) wrong("nobody is called " + name);
  return {as_app ? CallerKind::app : CallerKind::user, account.value_or(AccountId())};
}

std::string Scenario::body(const std::string& command,
                           const Fields& fields,
                           const std::string& actor) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  std::set<std::string> known;
  const Instant now = backend_.now();
  const bool is_user = names_.contains(actor) && !apps_.contains(actor);
  market::AllCommands::for_each([&]<class T>(std::type_identity<T>) {
    if (T::kName != command) return;
    for_each_field<T>([&](const auto& f) {
      using Member = typename std::remove_cvref_t<decltype(f)>::Member;
      const std::string name(f.name);
      const auto given =
          std::ranges::find(fields, name, [](const auto& each) { return each.first; });
      if (given != fields.end()) {
        known.insert(name);
        json.key(f.name).raw(json_word<Member>(resolve(given->second), now));
      } else if constexpr (std::is_same_v<Member, AccountId>) {
        if (is_user && !f.optional && (name == "from" || name == "account")) {
          json.key(f.name).text(names_[actor]);
        }
      }
    });
  });
  // What the command doesn't know is sent as well: that it is refused is part of the story.
  for (const auto& [name, value] : fields) {
    if (!known.contains(name)) json.key(name).text(value);
  }
  json.end_object();
  return out;
}

void Scenario::act(const std::vector<std::string>& words) {
  const auto arrow = std::ranges::find(words, "->");
  Fields fields;
  for (auto word = words.begin() + 2; word < arrow; ++word) fields.push_back(halves(*word));
  const std::string& actor = words[0];
  Ask ask;
  const bool again = words[1] == "again";
  if (again) {
    const auto before = last_.find(actor);
    if (before == last_.end()) return wrong(actor + " has asked for nothing yet");
    ask = before->second;
    if (!fields.empty()) ask.json = body(ask.command, fields, actor);
  } else {
    ask = {caller_of(actor), words[1], body(words[1], fields, actor),
           actor == "engine" ? std::string() : "key-" + std::to_string(++keys_)};
    last_[actor] = ask;
  }
  const Answer answer = backend_.submit(ask);
  if (answer.code == "ok" && !answer.replayed && !carried_out_.insert(ask.key).second &&
      !ask.key.empty()) {
    wrong("this was carried out twice");
  }
  if (!again && answer.replayed) wrong("this was not carried out");
  const std::vector<std::string> told(arrow == words.end() ? arrow : arrow + 1, words.end());
  check(answer, told);
}

void Scenario::check(const Answer& answer, const std::vector<std::string>& told) {
  const bool names_code = !told.empty() && told.front().find('=') == std::string::npos;
  const std::string code = names_code ? told.front() : "ok";
  if (answer.code != code) {
    std::string facts;
    for (const auto& [name, value] : answer.facts) facts += ' ' + name + '=' + value;
    return wrong("expected " + code + ", got " + answer.code + facts);
  }
  for (std::size_t i = names_code ? 1 : 0; i < told.size(); ++i) {
    const auto [field, value] = halves(told[i]);
    compare(field, value, answer.facts, answer.ids.contains(field));
  }
}

void Scenario::compare(const std::string& field,
                       const std::string& told,
                       const Facts& found,
                       bool bind) {
  const auto fact = found.find(field);
  if (fact == found.end()) return wrong("there is no " + field);
  if (bind && is_name(told) && told != "null" && !names_.contains(told)) {
    names_[told] = fact->second;
    return;
  }
  // A name may be that of a thing and a word of its own, such as a slug.
  const std::string expected = moment(resolve(unquoted(told)), backend_.now());
  if (fact->second != expected && fact->second != told) {
    wrong("expected " + field + '=' + expected + ", got " + fact->second);
  }
}

void Scenario::expect(const std::vector<std::string>& words, std::string_view rest) {
  if (words.size() >= 3 && words[2].find('=') != std::string::npos) {
    const auto row = backend_.look(resolve(words[1]));
    if (!row) return wrong("there is no " + words[1]);
    for (std::size_t i = 2; i < words.size(); ++i) {
      const auto [field, value] = halves(words[i]);
      compare(field, value, *row, false);
    }
    return;
  }
  std::string list(rest.substr(0, rest.find('#')));
  std::ranges::replace(list, ',', ' ');
  const std::vector<std::string> pairs = words_of(list);
  if (pairs.empty() || pairs.size() % 2 != 0) return wrong("expected what?");
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const auto row = backend_.look(resolve(pairs[i]));
    if (!row) {
      wrong("there is no " + pairs[i]);
    } else if (row->at("available") != pairs[i + 1]) {
      wrong("expected " + pairs[i] + ' ' + pairs[i + 1] + ", got " + row->at("available"));
    }
  }
}

}  // namespace stardrop::testing
