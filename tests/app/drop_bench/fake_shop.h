// A shop in memory behind a socket, honest or not, to try the load client on.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace stardrop::app::test {

/// What a shop does wrong.
struct ShopFaults {
  std::int64_t oversell = 0;    ///< gifts sold beyond the supply of each edition
  bool serial_twice = false;    ///< the second gift of an edition gets the first one's serial
  bool forgets_keys = false;    ///< a replay buys again
  bool replay_differs = false;  ///< a replay is answered in other words
  bool ignores_caps = false;    ///< more than per_account may be bought
  bool audit_fails = false;
  std::int64_t unavailable_each = 0;  ///< every n-th purchase is answered 503, after it was done
  std::int64_t cut_each = 0;  ///< every n-th purchase cuts the connection, after it was done
};

/// Serves on 127.0.0.1 with one thread until it is destroyed.
class FakeShop {
 public:
  explicit FakeShop(ShopFaults faults = {});
  FakeShop(const FakeShop&) = delete;
  FakeShop& operator=(const FakeShop&) = delete;
  ~FakeShop();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  struct Result {
    int status = 200;
    bool replayed = false;
    std::string body;
  };
  struct Edition {
    std::int64_t supply = 0;
    std::int64_t per_account = 0;
    std::int64_t sold = 0;
    std::unordered_map<std::string, std::int64_t> bought;
  };
  struct Client {
    std::string in;
    std::string out;
    bool cut = false;
  };

  void loop();
  bool serve(int socket, Client& client);
  void handle(Client& client, std::string_view head, std::string_view body);
  Result run(std::string_view command, std::string_view key, std::string_view params);
  Result buy(std::string_view params);
  Result get(std::string_view path);

  const ShopFaults faults_;
  int listener_ = -1;
  int poll_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::map<int, Client> clients_;
  std::map<std::string, Edition, std::less<>> editions_;
  std::unordered_map<std::string, std::int64_t> stars_;
  std::unordered_map<std::string, Result> answers_;
  std::unordered_map<std::string, std::string> gifts_;
  std::int64_t next_id_ = 0;
  std::int64_t purchases_ = 0;
  bool cut_next_ = false;
  std::thread thread_;
};

}  // namespace stardrop::app::test
