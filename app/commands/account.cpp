// `account`: open accounts, look at them, export and erase them, make tokens for users.
#include <fstream>
#include <memory>
#include <ostream>

#include <nlohmann/json.hpp>

#include "app/commands/all.h"
#include "app/remote/engine_command.h"
#include "market/commands/all.h"

namespace stardrop::app {

namespace {

struct AccountOptions {
  RemoteOptions remote;
  std::string account;
  std::int64_t limit = 20;
  std::string output;
};

/// Everything a person is entitled to know of an account, in one object.
ExitCode export_account(CommandTree& tree, const AccountOptions& options) {
  using Json = nlohmann::ordered_json;
  constexpr std::int64_t kAll = 1'000'000'000;
  Remote remote(options.remote, tree.console());
  const std::string path = "/v1/accounts/" + options.account;
  Json out;
  for (const auto& [name, target] :
       {std::pair("account", path), std::pair("transactions", path + "/transactions"),
        std::pair("gifts", path + "/gifts")}) {
    const Remote::Reply reply = target == path ? remote.get(target) : remote.list(target, kAll);
    if (!reply.ok()) return reply.code;
    out[name] = Json::parse(reply.body, nullptr, false);
  }
  const std::string text = out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  if (options.output.empty() || options.output == "-") {
    tree.console().out << text;
    return ExitCode::ok;
  }
  std::ofstream file(options.output, std::ios::binary | std::ios::trunc);
  file << text;
  file.flush();
  if (file) return ExitCode::ok;
  tree.console().error(options.output + " can't be written");
  return ExitCode::failed;
}

void add_list(CommandTree& tree,
              CLI::App& group,
              const std::string& name,
              Manual manual,
              const std::string& part,
              std::vector<Column> columns) {
  auto options = std::make_shared<AccountOptions>();
  CLI::App& command = tree.add_command(
      group, name, std::move(manual), [&tree, options, part, columns = std::move(columns)] {
        Remote remote(options->remote, tree.console());
        const Remote::Reply reply =
            remote.list("/v1/accounts/" + options->account + part, options->limit);
        if (reply.ok()) print_list(tree.console(), reply.body, columns, options->remote.json);
        return reply.code;
      });
  command.add_option("ACCOUNT", options->account, "The account's id, such as acc_01h2…")
      ->required();
  command.add_option("--limit", options->limit, "Most entries.")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->default_val(20);
  add_remote_options(command, options->remote);
}

/// `create_key` with the kind already said.
void add_token(CommandTree& tree, CLI::App& group) {
  std::vector<ParamInfo> params = params_of<market::CreateKey>();
  std::erase_if(params, [](const ParamInfo& param) { return param.name == "kind"; });
  for (ParamInfo& param : params) param.required = param.required || param.name == "account";
  EngineCommand what{"create_key", std::move(params), {"account"}, {}};
  what.fixed["kind"] = "user";
  add_engine_command(tree, group, "token",
                     {"make a token for a user",
                      "The token reaches this account alone. It is printed once and not stored.",
                      {"account token acc_01h2… --expires-at 2030-01-01T00:00:00Z"}},
                     std::move(what));
}

}  // namespace

void add_account_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group(
      tree.root(), "account",
      {"open accounts and look at them",
       "An account belongs to a user, a bot or a channel. `house` names the operator's own.",
       {"account create --kind user --name Alice", "account show house --json"}});
  add_engine_command(tree, group, "create",
                     {"open an account",
                      "Prints the new account's id.",
                      {"account create --kind user --name Alice"}},
                     {"create_account", params_of<market::CreateAccount>(), {}, {}});

  auto show = std::make_shared<AccountOptions>();
  CLI::App& show_command =
      tree.add_command(group, "show",
                       {"show an account with its balances",
                        "Posted is everything it owns, held the part set aside.",
                        {"account show house"}},
                       [&tree, show] {
                         Remote remote(show->remote, tree.console());
                         const Remote::Reply reply = remote.get("/v1/accounts/" + show->account);
                         if (reply.ok())
                           print_object(tree.console(), reply.body, show->remote.json);
                         return reply.code;
                       });
  show_command.add_option("ACCOUNT", show->account, "The account's id, or house.")->required();
  add_remote_options(show_command, show->remote);

  add_list(tree, group, "list-gifts",
           {"list the gifts an account received",
            "Newest first. With --json one object per line.",
            {"account list-gifts acc_01h2… --limit 100"}},
           "/gifts",
           {{"gift", "id"},
            {"edition", "edition"},
            {"serial", "serial"},
            {"from", "from"},
            {"paid", "paid"}});
  add_list(tree, group, "transactions",
           {"list an account's history",
            "Newest first. With --json one object per line.",
            {"account transactions acc_01h2… --json"}},
           "/transactions",
           {{"transfer", "id"}, {"at", "at"}, {"reason", "reason"}, {"amount", "amount"}});

  auto out = std::make_shared<AccountOptions>();
  CLI::App& export_command = tree.add_command(
      group, "export",
      {"write everything there is about an account into one file",
       "The account, its whole history and every gift it received, as one JSON document.",
       {"account export acc_01h2… -o alice.json"}},
      [&tree, out] { return export_account(tree, *out); });
  export_command.add_option("ACCOUNT", out->account, "The account's id.")->required();
  export_command.add_option("-o,--output", out->output, "Where to; else standard output.")
      ->type_name("FILE");
  add_remote_options(export_command, out->remote);

  add_engine_command(
      tree, group, "erase",
      {"destroy an account's personal data",
       "Destroys the key under which its name and words were sealed, so that nobody can read them "
       "again, in\n"
       "the database, its journal or later backups. What it owns and owes stays booked. There is "
       "no way back.",
       {"account erase acc_01h2… --yes"}},
      {"erase_account", params_of<market::EraseAccount>(), {"account"}, "This can't be undone."});
  add_token(tree, group);
}

}  // namespace stardrop::app
