// Batches, faults and comparisons.
#include "app/simulation/simulate.h"

#include <algorithm>
#include <set>

#include "app/simulation/model.h"
#include "app/simulation/story.h"
#include "app/simulation/workload.h"
#include "base/binary.h"
#include "base/json_writer.h"
#include "engine/audit.h"
#include "engine/executor.h"
#include "engine/replay.h"
#include "market/text.h"
#include "storage/faulty/faulty_store.h"

namespace stardrop::simulation {
namespace {

constexpr Instant kStart{1'767'225'600'000'000};

class Simulation {
 public:
  Simulation(engine::Store& store, const Plan& plan)
      : plan_(plan),
        store_(store),
        clock_(kStart),
        executor_(store_, clock_, {.master_key = {}, .entropy = [&plan] { return plan.seed; }}),
        workload_(plan.seed) {}

  Report play(const std::vector<Act>& acts) {
    if (!executor_.open()) fail("the store does not open");
    for (const Act& act : acts) {
      if (!report_.failure.empty()) break;
      clock_to(act.clock);
      carry_out(renamed(act));
    }
    if (report_.failure.empty()) finish();
    report_.story = story_.text();
    return report_;
  }

  Report run() {
    if (!executor_.open()) fail("the store does not open");
    while (report_.failure.empty() && report_.steps < plan_.steps && may_go_on()) {
      move_clock();
      batch();
      // Every batch while it is cheap, then one in ten: the audit looks at all rows.
      if (report_.steps < 3000 || workload_.once_in(10)) audit({.journal = false});
    }
    if (report_.failure.empty()) finish();
    report_.story = story_.text();
    return report_;
  }

 private:
  void fail(const std::string& what) {
    if (!report_.failure.empty()) return;
    report_.failure = "seed " + std::to_string(plan_.seed) + ", step " +
                      std::to_string(report_.steps) + ": " + what;
  }

  bool may_go_on() const { return !plan_.go_on || plan_.go_on(report_.steps); }

  void clock_to(Instant at) {
    const Instant before = clock_.now();
    clock_.set(at);
    story_.clock(before, at);
  }

  void move_clock() {
    const Instant before = clock_.now();
    if (workload_.once_in(4)) {
      clock_.advance(Duration::seconds(static_cast<std::int64_t>(workload_.below(600))));
    }
    // Clocks are set back, too; the ledger's time stands still then.
    if (workload_.once_in(30)) {
      clock_.advance(Duration::seconds(-static_cast<std::int64_t>(workload_.below(3000))));
    }
    story_.clock(before, clock_.now());
  }

  void batch() {
    const std::uint64_t most = workload_.once_in(3) ? 64 : 4;
    const std::uint64_t size = 1 + workload_.below(most);
    std::vector<engine::Request> requests;
    for (std::uint64_t i = 0; i < size; ++i) {
      requests.push_back(workload_.next(model_, clock_.now()));
      // Sometimes a client is impatient and asks twice at once.
      if (workload_.once_in(12)) requests.push_back(requests.back());
    }
    Act act;
    act.clock = clock_.now();
    if (plan_.faults && workload_.once_in(15)) {
      act.commit_fault = static_cast<CommitFault>(1 + workload_.below(3));
      for (engine::Request& each : requests) {
        if (each.idempotency_key.empty()) each.idempotency_key = "f" + std::to_string(++keys_);
      }
    }
    if (plan_.faults && workload_.once_in(10)) act.load_fault = 1 + workload_.below(6);
    act.requests = std::move(requests);
    carry_out(std::move(act));
  }

  void carry_out(Act given) {
    given.replies.assign(given.requests.size(), std::nullopt);
    report_.steps += given.requests.size();
    report_.acts.push_back(std::move(given));
    const Act& act = report_.acts.back();
    store_.fail_commit(act.commit_fault);
    store_.fail_load(act.load_fault);
    const std::vector<engine::Outcome> outcomes = execute(act.requests);
    store_.fail_load(0);
    store_.fail_commit(CommitFault::none);
    if (!executor_.must_reopen()) {
      compare(act.requests, outcomes, act.load_fault > 0);
    } else {
      ++report_.faults;
      story_.note("A commit failed; everything is asked again.");
      ask_again(act.requests, act.commit_fault);
    }
  }

  /// The act with the ids that things have this time. Notes those of the replies as they come.
  Act renamed(Act act) {
    told_ = act.replies;
    const auto rename = [this](auto& id) {
      const auto known = names_.find(id.text());
      using Id = std::remove_cvref_t<decltype(id)>;
      // Where there was something, there may be nothing this time.
      if (known != names_.end()) id = Id::parse(known->second).value_or(Id());
    };
    for (engine::Request& request : act.requests) {
      rename(request.caller.account);
      std::visit(
          [&]<class T>(T& command) {
            for_each_field<T>([&](const auto& f) {
              using Member = typename std::remove_cvref_t<decltype(f)>::Member;
              if constexpr (kIsId<Member>) rename(command.*(f.member));
            });
          },
          request.command);
    }
    return act;
  }

  void learn_names(std::size_t index, const market::AnyReply& reply) {
    if (index >= told_.size() || !told_[index]) return;
    std::visit(
        [&]<class Reply>(const Reply& now) {
          const auto* const before = std::get_if<Reply>(&*told_[index]);
          if (before == nullptr) return;
          for_each_field<Reply>([&](const auto& f) {
            using Member = typename std::remove_cvref_t<decltype(f)>::Member;
            if constexpr (kIsId<Member>)
              names_[(before->*(f.member)).text()] = (now.*(f.member)).text();
          });
        },
        reply);
  }

  std::vector<engine::Outcome> execute(std::vector<engine::Request> requests) {
    std::vector<engine::Outcome> outcomes;
    executor_.execute(requests, outcomes);
    if (outcomes.size() != requests.size()) fail("not every request is answered");
    return outcomes;
  }

  /// What a careful client does when it got no answer.
  void ask_again(const std::vector<engine::Request>& requests, CommitFault fault) {
    const std::vector<engine::Outcome> outcomes = execute(requests);
    if (executor_.must_reopen()) return fail("a store that works again does not commit");
    if (fault != CommitFault::unanswered) return compare(requests, outcomes, false);
    // It was carried out after all: those are answered from the journal. What was asked twice may
    // have succeeded only the second time, so the order is that of the journal.
    std::set<OpId> fresh;
    for (const engine::Outcome& each : outcomes) {
      if (each.ok() && !each->replayed) fresh.insert(each->op);
    }
    std::vector<std::size_t> replayed;
    std::vector<bool> seen(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      seen[i] = outcomes[i].ok() && outcomes[i]->replayed && !fresh.contains(outcomes[i]->op);
      if (seen[i]) replayed.push_back(i);
    }
    std::ranges::stable_sort(replayed, {}, [&](std::size_t i) { return outcomes[i]->op; });
    for (const std::size_t i : replayed) {
      engine::Outcome outcome = outcomes[i];
      outcome->replayed = model_.knows_key(requests[i]);
      compare_one(i, requests[i], outcome);
    }
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (!seen[i]) compare_one(i, requests[i], outcomes[i]);
    }
  }

  void compare(const std::vector<engine::Request>& requests,
               const std::vector<engine::Outcome>& outcomes,
               bool load_fails) {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const bool unavailable =
          !outcomes[i].ok() && outcomes[i].error().code() == ErrorCode::storage_unavailable;
      if (unavailable && load_fails) {
        ++report_.faults;
        continue;
      }
      compare_one(i, requests[i], outcomes[i]);
    }
  }

  void compare_one(std::size_t index,
                   const engine::Request& request,
                   const engine::Outcome& outcome) {
    if (!report_.failure.empty()) return;
    story_.tell(request, outcome);
    const Verdict verdict = model_.predict(request, clock_.now());
    const Verdict found = !outcome.ok()       ? Verdict::refused(outcome.error().code())
                          : outcome->replayed ? Verdict::replay()
                                              : Verdict::success();
    if (verdict.text() != found.text()) {
      return fail("expected " + verdict.text() + ", got " + found.text());
    }
    if (plan_.suspicion) {
      if (const std::string wrong = plan_.suspicion(request, outcome); !wrong.empty()) fail(wrong);
    }
    if (!outcome.ok()) {
      ++report_.refused;
      return;
    }
    learn_names(index, outcome->reply);
    report_.acts.back().replies.at(index) = outcome->reply;
    ++(outcome->replayed ? report_.replayed : report_.carried_out);
    if (!outcome->replayed) {
      std::visit([this]<class T>(const T&) { ++report_.by_command[T::kName]; }, request.command);
    }
    const std::string wrong = model_.apply(request, *outcome, clock_.now());
    if (!wrong.empty()) fail(wrong);
  }

  void audit(const engine::AuditOptions& options) {
    ++report_.audits;
    if (!executor_.flush()) return fail("the store does not flush");
    auto snapshot = store_.snapshot();
    if (!snapshot) return fail("the store makes no snapshot");
    const auto audited = engine::audit(**snapshot, options);
    if (!audited) return fail("the store can't be audited");
    if (!audited->ok) fail("the audit finds " + to_json(*audited));
    if (executor_.violations() > 0) fail("a command would have broken an invariant");
  }

  void finish() {
    audit({});
    auto snapshot = store_.snapshot();
    if (!snapshot) return fail("the store makes no snapshot");
    compare_rows(**snapshot);
    const auto replayed = engine::replay(**snapshot, clock_);
    if (!replayed) return fail("the journal can't be replayed");
    if (!replayed->ok) fail("the replay finds " + to_json(*replayed));
  }

  /// Holds every row the model knows of against it.
  void compare_rows(engine::Snapshot& snapshot) {
    std::size_t people = 0;
    std::size_t sales = 0;
    std::size_t wares = 0;
    engine::RowVisitor visitor;
    visitor.on<ledger::Account>([&](const ledger::Account& row) {
      if (row.id == ledger::kHouse && row.posted != Stars::whole(model_.house())) {
        fail("the house has " + row.posted.text());
      }
      if (row.id == ledger::kReceivables && row.posted != Stars::whole(model_.receivables())) {
        fail("receivables are " + row.posted.text());
      }
      if (row.id == ledger::kIssuer && row.posted != Stars::whole(-model_.issued())) {
        fail("the issuer has " + row.posted.text());
      }
      const auto person = model_.people().find(row.id);
      if (person == model_.people().end()) return;
      ++people;
      if (row.posted != Stars::whole(person->second.stars))
        fail(row.id.text() + " has not its Stars");
      if (row.owed != Stars::whole(person->second.owed)) fail(row.id.text() + " owes otherwise");
      if (row.erased != person->second.erased) fail(row.id.text() + " is erased, or is not");
      if (row.held != Stars::whole(person->second.held)) fail(row.id.text() + " holds otherwise");
      if (row.gifts != person->second.gifts) fail(row.id.text() + " has not its gifts");
    });
    visitor.on<market::Gift>([&](const market::Gift& row) {
      const auto sale = model_.sales().find(row.id);
      if (sale == model_.sales().end()) return fail(row.id.text() + " was never sold");
      ++sales;
      if (row.owner != sale->second.owner || row.serial != sale->second.serial ||
          row.edition != sale->second.edition || row.from != sale->second.from ||
          (row.state == market::GiftState::refunded) != sale->second.refunded) {
        fail(row.id.text() + " is not what was sold");
      }
    });
    visitor.on<ledger::Edition>([&](const ledger::Edition& row) {
      const auto named = model_.wares().find(row.id);
      const auto imported = model_.imported().find(row.slug);
      if (named == model_.wares().end() && imported == model_.imported().end()) {
        return fail(row.id.text() + " was never published");
      }
      const Ware& ware = named != model_.wares().end() ? named->second : imported->second;
      ++wares;
      if (row.stars != Stars::whole(ware.price) || row.supply != ware.supply ||
          row.per_account != ware.cap) {
        fail(row.id.text() + " has other terms");
      }
      if (row.sold != ware.sold || row.reserved != ware.reserved ||
          row.serials_used != ware.serials_used ||
          row.waiting != static_cast<std::int64_t>(ware.line.size())) {
        fail(row.id.text() + " did not sell as many");
      }
    });
    visitor.on<market::GiftText>([&](const market::GiftText& row) {
      // With an author's key their words are gone.
      const auto author = model_.people().find(row.author);
      if (author != model_.people().end() && author->second.erased) return;
      const auto opened = executor_.reader().open(row.author, "words", row.text.data);
      const auto words = opened ? from_binary<market::GiftWords>(*opened) : std::nullopt;
      if (!words || words->text != "For you")
        fail("the words of " + row.gift.text() + " by " + row.author.text() + " are lost" +
             (opened ? " (other words)" : ""));
    });
    if (!snapshot.scan(visitor)) fail("the store can't be scanned");
    if (people != model_.people().size() || sales != model_.sales().size() ||
        wares != model_.wares().size() + model_.imported().size()) {
      fail("rows are missing");
    }
  }

  const Plan& plan_;
  storage::FaultyStore store_;
  ManualClock clock_;
  engine::Executor executor_;
  Workload workload_;
  Model model_;
  Story story_;
  Report report_;
  std::uint64_t keys_ = 0;
  std::map<std::string, std::string> names_;  // of things, when acts are played again
  std::vector<std::optional<market::AnyReply>> told_;
};

}  // namespace

Report simulate(engine::Store& store, const Plan& plan) { return Simulation(store, plan).run(); }

Report play(engine::Store& store, const Plan& plan, const std::vector<Act>& acts) {
  return Simulation(store, plan).play(acts);
}

}  // namespace stardrop::simulation
