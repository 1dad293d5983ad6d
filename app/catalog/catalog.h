// A catalogue: editions in a file, as JSON or one per line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/edition.h"
#include "market/commands/create_edition.h"

namespace stardrop::app {

/// Where a catalogue is wrong. Lines and columns count from 1.
struct CatalogMistake {
  std::size_t line = 1;
  std::size_t column = 1;
  std::string text;
};

/// An entry and where it begins.
struct CatalogEntry {
  market::EditionTerms terms;
  std::size_t line = 1;
};

/// What a file holds: entries, or mistakes.
struct Catalog {
  std::vector<CatalogEntry> entries;
  std::vector<CatalogMistake> mistakes;
};

/// Most editions of one file.
inline constexpr std::size_t kCatalogEntriesMax = 10'000;
/// Most mistakes that are reported.
inline constexpr std::size_t kCatalogMistakesMax = 20;

/// Reads `{"editions":[…]}` or one edition per line. Every entry is checked on its own and against
/// the others' slugs; all mistakes are reported.
Catalog read_catalog(std::string_view bytes);

/// The file `read_catalog` reads, as indented JSON. What equals its default is left out.
std::string write_catalog(const std::vector<market::EditionTerms>& editions);

/// The terms an edition was published with.
market::EditionTerms terms_of(const ledger::Edition& row);

/// The catalogue of `serve --demo`.
std::string_view demo_catalog();

}  // namespace stardrop::app
