// `drop watch`: follows an edition over the live feed until its last gift is sold.
#include "app/commands/drop_watch.h"

#include <memory>
#include <ostream>

#include "app/drop_bench/wire.h"
#include "app/remote/drop_view.h"
#include "app/remote/remote.h"

namespace stardrop::app {

namespace {

struct WatchOptions {
  RemoteOptions remote;
  std::string edition;
};

std::string words_of(const DropView& view) {
  return grouped(view.left().value_or(0)) + " left, " + grouped(view.rate()) + "/s";
}

ExitCode watch(CommandTree& tree, const WatchOptions& options) {
  Console& console = tree.console();
  Remote remote(options.remote, console);
  const std::string path = "/v1/editions/" + options.edition;
  const Remote::Reply found = remote.get(path);
  if (!found.ok()) return found.code;
  const std::string id(text_member(found.body, "id"));
  const bool limited = number_member(found.body, "supply").has_value();
  if (limited) {
    DropView view;
    ProgressBar bar(console, options.edition);
    const Remote::Reply followed =
        remote.follow("/v1/events?editions=" + id, [&](const ServerEvent& event) {
          const bool news = view.take(event);
          if (options.remote.json) {
            console.out << event.data << std::endl;
          } else if (news && !view.over()) {
            if (view.supply()) {
              bar.show(static_cast<std::uint64_t>(view.sold()),
                       static_cast<std::uint64_t>(*view.supply()), words_of(view));
            }
            if (!console.err_is_terminal) {
              console.out << grouped(view.sold()) << " sold, " << words_of(view) << std::endl;
            }
          }
          return !view.over();
        });
    bar.clear();
    if (!followed.ok()) return followed.code;
    if (options.remote.json) return ExitCode::ok;
  }
  const Remote::Reply at_last = remote.get(path);
  if (at_last.ok()) print_object(console, at_last.body, options.remote.json);
  return at_last.code;
}

}  // namespace

void add_drop_watch(CommandTree& tree, CLI::App& group) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App& command = tree.add_command(
      group, "watch",
      {"follow an edition until it is sold out",
       "Listens to the server's live events; shows a bar with what is left and how many are sold a "
       "second on a\n"
       "terminal, else a line for each change. A broken connection is made again, and what was "
       "missed is caught up on.\n"
       "Ends when the last gift is sold and then prints the edition; with --json it prints the "
       "events, one a line.\n"
       "An unlimited edition is printed once.",
       {"drop watch lollipop", "drop watch lollipop --json"}},
      [&tree, options] { return watch(tree, *options); });
  command.add_option("EDITION", options->edition, "The edition's id or slug.")->required();
  add_remote_options(command, options->remote);
}

}  // namespace stardrop::app
