// SPDX-License-Identifier: MIT
#include "cli/parse.hpp"

#include <gtest/gtest.h>

#include <modesweep/outcome.hpp>

#include "support/temp_dir.hpp"

namespace modesweep::cli {
namespace {

using Words = std::vector<std::string>;

TEST(Parse, IdsInNormalFormEachOnce) {
  EXPECT_EQ(parse_ids("1ubi,1AKE; pdb_00001ubi\n4hhb"), (Words{"1UBI", "1AKE", "4HHB"}));
  EXPECT_EQ(parse_ids(" ,; "), Words{});
  for (const char* list : {"1UB", "UBIQ", "1UBI,x", "1UBI_A", "1UBI:A", "pdb_0001ubi"})
    EXPECT_THROW(parse_ids(list), RunError) << list;
}

TEST(Parse, IdsOfAFile) {
  const test_support::TempDir folder;
  const std::string file = folder.write("ids.txt", "1ubi\n\n1AKE\r\n");
  EXPECT_EQ(parse_ids("@" + file), (Words{"1UBI", "1AKE"}));
  EXPECT_THROW(parse_ids("@" + file + ".absent"), RunError);
}

TEST(Parse, ChainsAscendingEachOnce) {
  EXPECT_EQ(parse_chains("B,A,,B"), (Words{"A", "B"}));
  EXPECT_EQ(parse_chains(" AA ,b"), (Words{"AA", "b"}));
  EXPECT_EQ(parse_chains(" "), Words{" "});  // the chain without a name
  EXPECT_THROW(parse_chains(""), RunError);
  EXPECT_THROW(parse_chains(","), RunError);
}

TEST(Parse, AStructureIsAnEntryOrAFileByItsForm) {
  EXPECT_EQ(parse_structure("1ake").id, "1AKE");
  EXPECT_EQ(parse_structure("1AKE:B,A").chains, (Words{"A", "B"}));
  EXPECT_EQ(parse_structure("x.cif.gz").file, "x.cif.gz");
  EXPECT_EQ(parse_structure("./x").file, "./x");
  const StructureInput chain = parse_structure("models/x.pdb:A");
  EXPECT_EQ(chain.file, "models/x.pdb");
  EXPECT_EQ(chain.chains, Words{"A"});
  EXPECT_THROW(parse_structure("nothing"), RunError);
  EXPECT_THROW(parse_structure("1AKE:A:B"), RunError);
  EXPECT_THROW(parse_structure("1AKE:"), RunError);
}

TEST(Parse, AFileThatIsThereMayHaveAColonInItsName) {
  const test_support::TempDir folder;
  const std::string file = folder.write("a:b", "");
  EXPECT_EQ(parse_structure(file).file, file);
  EXPECT_TRUE(parse_structure(file).chains.empty());
}

}  // namespace
}  // namespace modesweep::cli
