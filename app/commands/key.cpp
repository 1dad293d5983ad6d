// `key`: make, revoke and list keys and tokens.
#include <memory>

#include "app/commands/all.h"
#include "app/remote/engine_command.h"
#include "market/commands/all.h"

namespace stardrop::app {

void add_key_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group(
      tree.root(), "key",
      {"make and revoke keys and tokens",
       "An operator's key may do everything its scopes allow, an app's acts for the accounts the "
       "app made, and a\n"
       "user's token reaches that user's account alone. A secret is shown once, when it is made.",
       {"key create --kind app --account acc_01h2… --label shop", "key list"}});
  add_engine_command(
      tree, group, "create",
      {"make a key or a token",
       "Prints the secret. It is not stored and cannot be shown again.",
       {"key create --kind operator --label backup --scopes read,audit",
        "key create --kind user --account acc_01h2… --expires-at 2030-01-01T00:00:00Z"}},
      {"create_key", params_of<market::CreateKey>(), {}, {}});
  add_engine_command(tree, group, "revoke",
                     {"take a key or a token back",
                      "It no longer opens anything. Revoking it twice changes nothing.",
                      {"key revoke key_01h2…"}},
                     {"revoke_key", params_of<market::RevokeKey>(), {"key"}, {}});
  auto options = std::make_shared<RemoteOptions>();
  CLI::App& list = tree.add_command(
      group, "list",
      {"list keys", "Secrets are not known to the server and not shown.", {"key list --json"}},
      [&tree, options] {
        Remote remote(*options, tree.console());
        const Remote::Reply reply = remote.list("/v1/keys", 1'000'000);
        if (reply.ok()) {
          print_list(tree.console(), reply.body,
                     {{"key", "id"},
                      {"kind", "kind"},
                      {"account", "account"},
                      {"label", "label"},
                      {"expires", "expires_at"},
                      {"revoked", "revoked"}},
                     options->json);
        }
        return reply.code;
      });
  add_remote_options(list, *options);
}

}  // namespace stardrop::app
