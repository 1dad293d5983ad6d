// Exchanges for reuse, so that a request costs no allocation.
#pragma once

#include <cstddef>
#include <vector>

namespace stardrop::api::http {

class Exchange;
class IoThread;

/// The spare exchanges of one IoThread; used on that thread only.
class ExchangePool {
 public:
  explicit ExchangePool(IoThread& thread) : thread_(thread) {}
  ExchangePool(const ExchangePool&) = delete;
  ExchangePool& operator=(const ExchangePool&) = delete;
  ~ExchangePool();

  /// A blank exchange without a session.
  Exchange* take();
  /// Takes back an exchange that neither a session nor a handle refers to.
  void give_back(Exchange* exchange);

 private:
  IoThread& thread_;
  std::vector<Exchange*> spare_;
};

}  // namespace stardrop::api::http
