// Raw requests that the door must refuse, and what it must answer.
#pragma once

#include <string>
#include <vector>

namespace stardrop::api::http::test {

struct HostileRequest {
  std::string name;
  std::string bytes;
  std::vector<unsigned> statuses;  ///< of all answers, in order; the last one closes the connection
};

/// Every case of the table. Whatever is fine in them comes first and is answered 200.
std::vector<HostileRequest> hostile_requests();

}  // namespace stardrop::api::http::test
