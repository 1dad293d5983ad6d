// A running server as commands see it: address, key, requests, refusals.
#include "app/remote/remote.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <ostream>
#include <sstream>
#include <thread>

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "app/redact.h"
#include "base/hash.h"
#include "base/random.h"

namespace stardrop::app {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kDefaultUrl = "http://127.0.0.1:8080";

Json parsed(const std::string& text) { return Json::parse(text, nullptr, false); }

std::string dumped(const Json& value, int indent = -1) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

/// A value for people: text as it is, the rest as JSON.
std::string shown(const Json& value) {
  if (value.is_string()) return printable(value.get_ref<const std::string&>());
  if (value.is_null()) return "-";
  if (value.is_object() && value.contains("currency") && value.contains("amount")) {
    return shown(value["amount"]) + " " + shown(value["currency"]);
  }
  return dumped(value);
}

void print_members(std::vector<std::pair<std::string, std::string>>& lines,
                   const Json& object,
                   const std::string& prefix) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_object() && !value.contains("currency")) {
      print_members(lines, value, prefix + name + ".");
    } else {
      lines.emplace_back(prefix + name, shown(value));
    }
  }
}

const Json* member(const Json& object, std::string_view path) {
  const Json* at = &object;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const std::string name(path.substr(0, dot));
    if (!at->is_object() || !at->contains(name)) return nullptr;
    at = &(*at)[name];
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return at;
}

}  // namespace

void add_remote_options(CLI::App& command, RemoteOptions& options) {
  const std::string group = "Server";
  command
      .add_option("--url", options.url,
                  "The server; else STARDROP_URL, else " + std::string(kDefaultUrl) + ".")
      ->type_name("URL")
      ->group(group);
  command
      .add_option("--key-file", options.key_file,
                  "File with the key, readable by you only; else STARDROP_KEY.")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--timeout", options.timeout_s, "Longest wait for an answer.")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 3600))
      ->default_val(options.timeout_s)
      ->group(group);
  add_json_flag(command, options.json);
}

FoundKey find_key(const std::string& key_file, const Environment& environment) {
  if (key_file.empty()) return {std::string(value_in(environment, "STARDROP_KEY")), {}};
  struct stat about {};
  if (::stat(key_file.c_str(), &about) != 0) return {{}, key_file + " can't be read"};
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return {{}, key_file + " may be read by others; take that away with: chmod 600 " + key_file};
  }
  std::ifstream file(key_file);
  std::string line;
  if (!std::getline(file, line)) return {{}, key_file + " is empty or can't be read"};
  const std::size_t equals = line.find("operator_key=");
  if (equals == 0) line.erase(0, std::string_view("operator_key=").size());
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
  return {line, {}};
}

std::optional<Remote::Prepared> Remote::prepare(const std::string& method,
                                                const std::string& target) {
  std::string address = options_.url;
  if (address.empty()) address = value_in(console_.environment, "STARDROP_URL");
  if (address.empty()) address = kDefaultUrl;
  const auto url = parse_url(address);
  if (!url) {
    console_.error(address + " is not http[s]://HOST[:PORT]");
    return std::nullopt;
  }
  FoundKey found = find_key(options_.key_file, console_.environment);
  if (!found.problem.empty()) {
    console_.error(found.problem);
    return std::nullopt;
  }
  remember_secret(found.key);
  Prepared out{*url, {}};
  out.request.method = method;
  out.request.target = target;
  if (!found.key.empty()) out.request.headers.emplace_back("Authorization", "Bearer " + found.key);
  return out;
}

Remote::Reply Remote::send(const std::string& method, const std::string& target, std::string body) {
  auto prepared = prepare(method, target);
  if (!prepared) return {ExitCode::usage, {}};
  prepared->request.body = std::move(body);
  if (!prepared->request.body.empty()) {
    prepared->request.headers.emplace_back("Content-Type", "application/json");
  }
  HttpAnswer answer = send_http(prepared->url, prepared->request, options_.timeout_s);
  if (!answer.failure.empty()) {
    console_.error(answer.failure);
    return {ExitCode::unavailable, {}};
  }
  if (answer.status >= 300) return refused(answer.status, answer.body);
  return {ExitCode::ok, std::move(answer.body)};
}

Remote::Reply Remote::refused(int status, const std::string& body) {
  const Json problem = parsed(body);
  std::string sentence = "status " + std::to_string(status);
  if (problem.is_object() && problem.contains("code")) {
    sentence = shown(problem["code"]);
    const char* words =
        problem.contains("detail") && !problem["detail"].is_null() ? "detail" : "title";
    if (problem.contains(words)) sentence += ": " + shown(problem[words]);
    for (const auto& [name, value] : problem.items()) {
      constexpr std::array<std::string_view, 8> kKnown = {
          "type", "title", "status", "detail", "instance", "code", "request_id", "retryable"};
      if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end())
        sentence += " (" + name + ": " + shown(value) + ")";
    }
  }
  if (options_.json && problem.is_object()) console_.out << dumped(problem) << '\n';
  console_.error(redacted(sentence));
  return {exit_code_of_status(status), {}};
}

Remote::Reply Remote::follow(const std::string& path,
                             const std::function<bool(const ServerEvent&)>& on_event) {
  using Steady = std::chrono::steady_clock;
  auto prepared = prepare("GET", path);
  if (!prepared) return {ExitCode::usage, {}};
  prepared->request.headers.emplace_back("Accept", "text/event-stream");
  const auto headers = prepared->request.headers;
  EventParser parser;
  bool wanted = true;
  bool answered = false;
  for (auto lost = Steady::now();;) {
    bool heard = false;
    prepared->request.headers = headers;
    if (!parser.last_id().empty()) {
      prepared->request.headers.emplace_back("Last-Event-ID", parser.last_id());
    }
    parser.begin();
    const HttpAnswer answer =
        stream_http(prepared->url, prepared->request, options_.timeout_s, [&](std::string_view in) {
          heard = true;
          wanted = parser.feed(in, on_event);
          return wanted;
        });
    if (!wanted) return {ExitCode::ok, {}};
    answered = answered || heard;
    if (heard) lost = Steady::now();
    const bool busy = answered && (answer.status == 429 || answer.status == 503);
    if (answer.status >= 300 && !busy) return refused(answer.status, answer.body);
    // A server that never was there is a wrong address; one that went away may come back.
    const bool patient = Steady::now() - lost < std::chrono::seconds(options_.timeout_s);
    if (!answered || !patient) {
      console_.error(answer.failure.empty() ? "the server ended the events" : answer.failure);
      return {ExitCode::unavailable, {}};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(parser.retry_ms()));
  }
}

Remote::Reply Remote::get(const std::string& path) { return send("GET", path, {}); }

Remote::Reply Remote::command(std::string_view name,
                              const std::string& params,
                              const std::string& idempotency_key) {
  Json body;
  Json entry = {
      {"command", name}, {"idempotency_key", idempotency_key}, {"params", parsed(params)}};
  body["commands"] = Json::array({std::move(entry)});
  Reply reply = send("POST", "/v1/batch", dumped(body));
  if (!reply.ok()) return reply;
  const Json answer = parsed(reply.body);
  const Json* data = answer.is_object() ? member(answer, "data") : nullptr;
  if (data == nullptr || !data->is_array() || data->size() != 1 || !(*data)[0].contains("status")) {
    console_.error("the server's answer is not understood");
    return {ExitCode::failed, {}};
  }
  const Json& result = (*data)[0];
  const int status = result["status"].get<int>();
  const std::string inner = result.contains("body") ? dumped(result["body"]) : "{}";
  if (status >= 300) return refused(status, inner);
  return {ExitCode::ok, inner};
}

Remote::Reply Remote::list(const std::string& path, std::int64_t most) {
  Json all = Json::array();
  std::string cursor;
  do {
    const std::int64_t left = most - static_cast<std::int64_t>(all.size());
    std::string target = path + (path.find('?') == std::string::npos ? "?" : "&") +
                         "limit=" + std::to_string(std::min<std::int64_t>(left, 100));
    if (!cursor.empty()) target += "&cursor=" + cursor;
    Reply page = get(target);
    if (!page.ok()) return page;
    Json answer = parsed(page.body);
    if (!answer.is_object() || !answer.contains("data")) {
      console_.error("the server's answer is not understood");
      return {ExitCode::failed, {}};
    }
    for (Json& each : answer["data"]) all.push_back(std::move(each));
    const Json* next = member(answer, "next_cursor");
    cursor = next != nullptr && next->is_string() ? next->get<std::string>() : std::string();
  } while (!cursor.empty() && static_cast<std::int64_t>(all.size()) < most);
  return {ExitCode::ok, dumped(all)};
}

void print_object(Console& console, const std::string& body, bool json) {
  const Json object = parsed(body);
  if (json || !object.is_object()) {
    console.out << body << '\n';
    return;
  }
  std::vector<std::pair<std::string, std::string>> lines;
  print_members(lines, object, "");
  std::size_t width = 0;
  for (const auto& [name, value] : lines) width = std::max(width, name.size());
  for (const auto& [name, value] : lines)
    console.out << name << std::string(width - name.size() + 2, ' ') << value << '\n';
}

void print_list(Console& console,
                const std::string& array,
                const std::vector<Column>& columns,
                bool json) {
  const Json list = parsed(array);
  if (json) {
    for (const Json& each : list) console.out << dumped(each) << '\n';
    return;
  }
  std::vector<std::string> titles;
  for (const Column& column : columns) titles.push_back(column.title);
  TextTable table(titles);
  for (const Json& each : list) {
    std::vector<std::string> row;
    for (const Column& column : columns) {
      const Json* value = member(each, column.member);
      row.push_back(value == nullptr ? "-" : shown(*value));
    }
    table.add(std::move(row));
  }
  table.print(console.out);
}

std::string fresh_key() {
  std::array<unsigned char, 16> bytes{};
  entropy(bytes);
  return "cli-" + hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace stardrop::app
