// An edition while it sells.
#include "app/remote/drop_view.h"

#include <nlohmann/json.hpp>

namespace stardrop::app {

namespace {

using Json = nlohmann::json;

std::optional<std::int64_t> number(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

bool truth(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace

bool DropView::take(const ServerEvent& event) {
  const bool final_news = event.type == "edition.sold_out";
  if (!final_news && event.type != "edition.supply" && event.type != "edition.snapshot") {
    return false;
  }
  const Json message = Json::parse(event.data, nullptr, false);
  if (!message.is_object() || !message.contains("data") || !message["data"].is_object()) {
    return false;
  }
  const Json& data = message["data"];
  const std::int64_t sold_before = sold_;
  const auto left_before = left_;
  supply_ = number(data, "supply");
  over_ = final_news || truth(data, "sold_out");
  if (final_news) {
    sold_ = supply_.value_or(sold_);
    left_ = 0;
  } else {
    sold_ = number(data, "sold").value_or(sold_);
    left_ = number(data, "left");
  }
  if (message.contains("created") && message["created"].is_string()) {
    if (const auto at = parse_rfc3339(message["created"].get_ref<const std::string&>())) {
      moments_.emplace_back(*at, sold_);
      while (moments_.front().first.plus(kRateWindow) < *at) moments_.pop_front();
    }
  }
  return over_ || sold_ != sold_before || left_ != left_before;
}

std::int64_t DropView::rate() const {
  if (moments_.size() < 2) return 0;
  const std::int64_t us = moments_.back().first.since(moments_.front().first).us;
  const std::int64_t sales = moments_.back().second - moments_.front().second;
  if (us <= 0 || sales <= 0) return 0;
  return (sales * 1'000'000 + us / 2) / us;
}

}  // namespace stardrop::app
