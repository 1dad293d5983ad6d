// Health, metrics, documents: what operators and tools ask for.
#pragma once

#include "api/route.h"

namespace stardrop::api {

/// GET /livez: the process runs.
void livez(Call& call);
/// GET /readyz: requests can be carried out: the store takes writes, nothing drains.
void readyz(Call& call);
/// GET /metrics
void metrics(Call& call);
/// GET /openapi.json and /openapi-3.0.json
void openapi(Call& call);
void openapi_3_0(Call& call);
/// GET /docs and /docs/errors
void docs(Call& call);
void docs_errors(Call& call);
/// GET /v1/audit: every invariant recomputed from all rows.
void audit(Call& call);

}  // namespace stardrop::api
