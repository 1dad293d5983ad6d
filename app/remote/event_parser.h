// Server-sent events as a client reads them (HTML living standard, 9.2.6).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace stardrop::app {

/// One event.
struct ServerEvent {
  std::string type;
  std::string data;
};

/// Takes bytes as they come and gives whole events.
class EventParser {
 public:
  /// A new connection begins: what was cut off before is forgotten.
  void begin();
  /// Gives every event that `bytes` complete to `on_event`, until that returns false. Returns what
  /// it returned last.
  bool feed(std::string_view bytes, const std::function<bool(const ServerEvent&)>& on_event);

  /// The id of the last event, to go on behind it.
  const std::string& last_id() const { return last_id_; }
  /// How long the server wants clients to wait before they come back.
  std::int64_t retry_ms() const { return retry_ms_; }

 private:
  bool line(std::string_view text, const std::function<bool(const ServerEvent&)>& on_event);
  void field(std::string_view name, std::string_view value);

  std::string partial_;
  ServerEvent event_;
  std::string id_;
  bool has_data_ = false;
  bool after_cr_ = false;
  std::string last_id_;
  std::int64_t retry_ms_ = 2000;
};

}  // namespace stardrop::app
