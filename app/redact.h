// Takes secrets out of text before it is shown or logged.
#pragma once

#include <string>
#include <string_view>

namespace stardrop::app {

/// Remembers a secret of this process, so that `redacted` masks it wherever it turns up. Any
/// thread.
void remember_secret(std::string secret);

/// `text` with everything masked that looks like a key (`op_…`, `app_…`, `usr_…`), follows
/// `Bearer`, stands in a path behind `/bot`, or was remembered.
std::string redacted(std::string_view text);

/// `url` with the password of its authority, or the one among its parameters, masked.
std::string without_password(std::string_view url);

}  // namespace stardrop::app
