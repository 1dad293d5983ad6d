// Documents: OpenAPI for tools, pages for people. Nothing is fetched from elsewhere.
#include <mutex>

#include "api/api.h"
#include "api/docs_page.h"
#include "api/openapi.h"
#include "api/system_routes.h"

namespace stardrop::api {
namespace {
constexpr std::string_view kHtml = "text/html; charset=utf-8";
}

void openapi(Call& call) {
  static const std::string document = openapi_document(call.api.options().version);
  call.responder.json(200, document);
}

void openapi_3_0(Call& call) {
  static const std::string document = openapi_3_0_document(call.api.options().version);
  call.responder.json(200, document);
}

void docs(Call& call) {
  static const std::string page = reference_page();
  call.responder.text(200, kHtml, page);
}

void docs_errors(Call& call) {
  static const std::string page = errors_page();
  call.responder.text(200, kHtml, page);
}

}  // namespace stardrop::api
