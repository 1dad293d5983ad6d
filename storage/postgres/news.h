// News: what the other nodes of a database have committed.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "market/events.h"
#include "market/state.h"
#include "storage/postgres/connection.h"

namespace stardrop::storage::postgres {

/// What stands in the journal's `news` of a batch.
struct BatchNews {
  std::vector<market::Event> events;
  std::vector<EditionId> editions;
  std::vector<ReservationId> reservations;
  std::vector<AccountId> reservers;
  bool keys = false;
  bool rules = false;

  static constexpr auto fields() {
    using N = BatchNews;
    return std::tuple(
        field("events", &N::events, "What happened."),
        field("editions", &N::editions, "Editions that changed, or whose slices did."),
        field("reservations", &N::reservations, "Reservations that changed."),
        field("reservers", &N::reservers, "Whose they are."),
        field("keys", &N::keys, "Whether access keys changed."),
        field("rules", &N::rules, "Whether the rules' settings changed."));
  }

  /// Of a batch that is about to be committed.
  static BatchNews of(const market::State& state, const std::vector<market::Event>& events);
};

/// Follows the lanes. Within a lane batches are written one after the other, so none is passed
/// over, however slow it was. All lanes are read at one moment: whoever sees an effect there sees
/// its cause, too, and the order of times puts the cause first.
class NewsReader {
 public:
  /// Begins at where the lanes stand now. Refused with storage_unavailable.
  Status begin(Connection& db, std::uint32_t own_lane);
  /// A batch of the own lane was committed, and `look` was asked behind it: unless others had
  /// committed something, its events are next, and need not be read.
  void committed(const Answer& look, OpId last_op);
  /// Whether there is anything is known only after another look.
  void unsure() noexcept { must_look_ = true; }
  bool must_look() const noexcept { return must_look_; }
  /// Adds the statement that tells whether there is anything new.
  static void send_look(Connection& db);
  /// Takes its answer over.
  void look(const Answer& answer);
  bool has_news() const noexcept { return has_news_ || must_look_; }
  /// How many nodes were alive at the last look, this one among them.
  std::int64_t writers() const noexcept { return writers_; }

  /// Reads what is new up to the last look: the events, and the rows that changed as they are now.
  /// Returns whether there was anything. Refused with storage_unavailable.
  ///
  /// Of a cluster a lane can be seen moved on while its batch is not there yet. Then nothing is
  /// taken, and the next look finds it again.
  Result<bool> take(Connection& db, market::State& into, std::vector<market::Event>& events);

 private:
  std::map<std::int64_t, std::int64_t> places_;  // the last operation seen, by lane
  std::map<std::int64_t, std::int64_t> ends_;    // the last one there was at the last look
  std::int64_t own_lane_ = 0;
  bool has_news_ = false;
  bool must_look_ = false;
  std::int64_t writers_ = 1;
};

}  // namespace stardrop::storage::postgres
