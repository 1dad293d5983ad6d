// The catalogue's reader: both forms, and the place of every mistake.
#include "app/catalog/catalog.h"

#include <gtest/gtest.h>

namespace stardrop::app {
namespace {

std::string mistakes_of(std::string_view text) {
  std::string out;
  for (const CatalogMistake& mistake : read_catalog(text).mistakes) {
    out += std::to_string(mistake.line) + ":" + std::to_string(mistake.column) + ": " +
           mistake.text + "\n";
  }
  return out;
}

TEST(Catalog, ReadsADocument) {
  const Catalog catalog = read_catalog(R"({"editions": [
    {"title": "Lollipop", "stars": 25, "supply": 500000, "per_account": 5, "tags": ["first"]},
    {"title": "Rose, \"red\" {", "slug": "rose", "stars": 25}
  ]})");
  ASSERT_TRUE(catalog.mistakes.empty()) << catalog.mistakes.front().text;
  ASSERT_EQ(catalog.entries.size(), 2U);
  EXPECT_EQ(catalog.entries[0].terms.supply, 500000);
  EXPECT_EQ(catalog.entries[0].terms.stars, Stars::whole(25));
  EXPECT_EQ(catalog.entries[0].line, 2U);
  EXPECT_EQ(catalog.entries[1].terms.supply, std::nullopt);
  EXPECT_EQ(catalog.entries[1].line, 3U);
}

TEST(Catalog, ReadsOneEditionPerLine) {
  const Catalog catalog = read_catalog(
      "\xEF\xBB\xBF{\"title\":\"A\",\"stars\":1}\r\n\n  {\"title\":\"B\",\"stars\":2}");
  ASSERT_TRUE(catalog.mistakes.empty()) << catalog.mistakes.front().text;
  ASSERT_EQ(catalog.entries.size(), 2U);
  EXPECT_EQ(catalog.entries[1].line, 3U);
}

TEST(Catalog, NamesLineAndColumnOfAField) {
  EXPECT_EQ(mistakes_of("{\"editions\":[\n {\"title\":\"A\",\n  \"stars\":0}]}").substr(0, 12),
            "3:3: stars: ");
  EXPECT_EQ(
      mistakes_of("{\"title\":\"A\",\"stars\":1}\n{\"title\":\"B\", \"stras\":1}").substr(0, 13),
      "2:15: stras: ");
  EXPECT_EQ(mistakes_of("{\"title\":\"A\"}").substr(0, 12), "1:1: stars: ");
}

TEST(Catalog, NamesThePlaceWhereSyntaxBreaks) {
  EXPECT_EQ(mistakes_of("{\"editions\":[\n  {\"title\" \"A\"}\n]}").substr(0, 5), "2:14:");
  EXPECT_EQ(mistakes_of("{\"title\":\"A\",\"stars\":1}\n{\"title\":}\n").substr(0, 5), "2:10:");
}

TEST(Catalog, ReportsEveryMistakeAndGivesNothingThen) {
  const Catalog catalog = read_catalog(
      "{\"title\":\"A\",\"stars\":0}\n{\"title\":\"B\",\"stars\":1}\n{\"title\":\"\",\"stars\":1}"
      "\n");
  EXPECT_EQ(catalog.mistakes.size(), 2U);
  EXPECT_TRUE(catalog.entries.empty());
}

TEST(Catalog, RefusesASlugThatIsUsedTwice) {
  EXPECT_EQ(mistakes_of(
                "{\"title\":\"A\",\"stars\":1}\n{\"title\":\"Other\",\"slug\":\"a\",\"stars\":1}"),
            "2:18: the slug a is used in line 1 already\n");
}

TEST(Catalog, RefusesOtherShapes) {
  EXPECT_NE(mistakes_of(""), "");
  EXPECT_NE(mistakes_of("[]"), "");
  EXPECT_NE(mistakes_of("{\"editions\":{}}"), "");
  EXPECT_NE(mistakes_of("{\"editions\":[],\"more\":1}"), "");
  EXPECT_NE(mistakes_of("{\"editions\":[]}"), "");
  EXPECT_NE(mistakes_of("{\"title\":\"A\",\"stars\":1,\"stars\":2}"), "");
  EXPECT_NE(mistakes_of("{\"title\":\"A\",\"stars\":1.5}"), "");
}

TEST(Catalog, RefusesASaleThatEndsBeforeItOpens) {
  EXPECT_NE(
      mistakes_of(
          R"({"title":"A","stars":1,"sale_opens_at":"2030-01-02T00:00:00Z","sale_ends_at":"2030-01-01T00:00:00Z"})"),
      "");
}

TEST(Catalog, WritesWhatItReads) {
  const Catalog first = read_catalog(demo_catalog());
  ASSERT_TRUE(first.mistakes.empty());
  std::vector<market::EditionTerms> terms;
  for (const CatalogEntry& entry : first.entries) terms.push_back(entry.terms);
  const std::string written = write_catalog(terms);
  const Catalog second = read_catalog(written);
  ASSERT_TRUE(second.mistakes.empty()) << second.mistakes.front().text;
  terms.clear();
  for (const CatalogEntry& entry : second.entries) terms.push_back(entry.terms);
  EXPECT_EQ(write_catalog(terms), written);
}

TEST(Catalog, TakesTermsFromAnEdition) {
  ledger::Edition row;
  row.slug = "a";
  row.title = "A";
  row.stars = Stars::whole(3);
  row.supply = 7;
  row.sold = 5;
  const market::EditionTerms terms = terms_of(row);
  EXPECT_EQ(terms.slug, "a");
  EXPECT_EQ(terms.supply, 7);
  EXPECT_EQ(terms.stars, Stars::whole(3));
}

}  // namespace
}  // namespace stardrop::app
