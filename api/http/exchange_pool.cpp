// Exchanges for reuse.
#include "api/http/exchange_pool.h"

#include "api/http/exchange.h"
#include "api/http/session.h"

namespace stardrop::api::http {
namespace {

constexpr std::size_t kSpareMax = 4096;
constexpr std::size_t kStorageKeptMax = 4096;  // capacity that a spare exchange may keep

}  // namespace

ExchangePool::~ExchangePool() {
  for (Exchange* exchange : spare_) delete exchange;
}

Exchange* ExchangePool::take() {
  if (spare_.empty()) return new Exchange(thread_);
  Exchange* const exchange = spare_.back();
  spare_.pop_back();
  return exchange;
}

void ExchangePool::give_back(Exchange* exchange) {
  if (spare_.size() >= kSpareMax || exchange->storage_.capacity() > kStorageKeptMax) {
    delete exchange;
    return;
  }
  exchange->session_.reset();
  exchange->response_.clear();
  exchange->next_ = nullptr;
  exchange->answered_ = false;
  exchange->close_after_ = false;
  exchange->released_ = false;
  spare_.push_back(exchange);
}

}  // namespace stardrop::api::http
