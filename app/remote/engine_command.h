// Engine commands as a person types them: options made of a command's own field descriptions.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/remote/remote.h"
#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/time.h"

namespace stardrop::app {

/// How the value of an option becomes JSON.
enum class ParamKind : std::uint8_t { text, number, truth, texts };

/// One option of an engine command.
struct ParamInfo {
  std::string name;  ///< as in JSON
  std::string doc;
  ParamKind kind = ParamKind::text;
  bool required = false;
};

/// The parameters of a command, from its description.
template <Described T>
std::vector<ParamInfo> params_of() {
  std::vector<ParamInfo> out;
  for_each_field<T>([&](const auto& f) {
    using Member = typename std::remove_cvref_t<decltype(f)>::Member;
    if (f.internal || std::is_same_v<Member, Bytes>) return;
    ParamInfo info{std::string(f.name), std::string(f.doc), ParamKind::text,
                   !f.optional && !kIsOptional<Member>};
    if constexpr (std::is_same_v<Member, bool>) {
      info.kind = ParamKind::truth;
    } else if constexpr (kIsVector<Member>) {
      if constexpr (Described<typename Member::value_type>) return;
      info.kind = ParamKind::texts;
    } else if constexpr (kIsOptional<Member>) {
      using Inner = typename Member::value_type;
      if constexpr (std::is_integral_v<Inner> || kIsAmount<Inner>) info.kind = ParamKind::number;
    } else if constexpr (std::is_integral_v<Member> || kIsAmount<Member>) {
      info.kind = ParamKind::number;
    }
    out.push_back(std::move(info));
  });
  return out;
}

/// What was given for an engine command on the command line.
struct GivenParams {
  RemoteOptions remote;
  std::string idempotency_key;
  bool yes = false;
  std::map<std::string, std::string> texts;
  std::map<std::string, std::int64_t> numbers;
  std::map<std::string, bool> truths;
  std::map<std::string, std::vector<std::string>> lists;

  /// The JSON object of what was given.
  std::string json() const;
};

/// An engine command in the tree.
struct EngineCommand {
  std::string name;                               ///< of the engine's command
  std::vector<ParamInfo> params;                  ///< of `params_of`
  std::vector<std::string> positional;            ///< parameters without a flag, in this order
  std::string confirm;                            ///< why it needs --yes; empty: it doesn't
  std::map<std::string, std::string> fixed = {};  ///< texts the command line can't change
};

/// Adds an engine command to the tree. Its body sends it and prints the answer.
void add_engine_command(CommandTree& tree,
                        CLI::App& parent,
                        std::string name,
                        Manual manual,
                        EngineCommand what);

}  // namespace stardrop::app
