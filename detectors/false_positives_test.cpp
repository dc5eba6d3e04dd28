// Texts that hold nothing personal and nothing secret: numbers, names and codes that look like it.
#include "detectors/catalog.h"
#include "detectors/scanner.h"
#include "detectors/testing/feeding.h"

#include <gtest/gtest.h>

namespace menshen::detectors {
namespace {

constexpr std::string_view clean[] = {
    // order, tracking and serial numbers
    "Order no. 4111111111111111 was shipped; tracking number 1Z999AA10123456784.",
    "订单号：13912345678，运单号 SF1380013800012，流水号 20231122138001380001234。",
    "快递单号：13800138000 已签收；发票号码 13912345678",
    "serial number 13800138000, SKU 415-555-0123, ticket 536-90-4399",
    "条形码 6901234567892 6923450657713，批号 20231122",
    // times
    "1700000000000 1700000000 1380013800012 2023-11-22T02:33:18.123456789Z",
    "2024-11-22 10:30:45,123 [main] INFO 12345678901234567",
    "20231122123456789 11/22/2024 22.11.2024 10:30-11:45",
    // identifiers
    "550e8400-e29b-41d4-a716-446655440000 123e4567-e89b-12d3-a456-426614174000",
    "12345678-1234-1234-1234-123456789012",
    "commit 9fceb02d0ae598e95dc970b74767f19372d6 and da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "ISBN 978-7-302-51111-5, 9787302511115, 7-302-51111-X; ISSN 1000-1234",
    "doi:10.1038/s41586-020-2649-2 arXiv:2310.12345v2 RFC 5321 GB/T 35273-2020",
    "(2023)京01民终12345号 国发〔2024〕12号",
    "MD5 5d41402abc4b2a76b9719d911017c592; ETag \"33a64df551425fcc55e4d42a148795d9f25f89d4\"",
    // base64, and words that look like keys
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg==",
    "sk-learn, task-force, risk-based-approach-to-everything-that-we-do-around-here",
    "SELECT * FROM t WHERE a = '2024-01-01' AND b BETWEEN 100 AND 20000000;",
    "hash sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx AKIAXXXXXXXXXXXXXXXX YOUR_API_KEY_GOES_HERE",
    "-----BEGIN CERTIFICATE REQUEST----- -----BEGIN PUBLIC KEY----- ----- END -----",
    // numbers
    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899",
    "2.71828182845904523536028747135266249775724709369995 1.41421356237309504880168872420969807",
    "138.00138000 150.12345678 1234567.8901 0.13800138000 -13.800138000 1.3800138000e10 "
    "13,800,138,000 13 800 138 000",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30",
    "13 24 57 89 100 | 62 41 11 22 33 44 55 66 77 88 | 2019 2020 2021 2022",
    "[4012, 1881, 3782, 8224] (4111); 0xDEADBEEF 0b1010 1e-9 100% 50.5%",
    "全国财政收入216784亿元，增长6.4%；人口140967万人，面积9600000平方千米。",
    "2023年国内生产总值1260582亿元，出口237726亿元，同比增长0.6%；失业率5.2%。",
    "成交额13812345678元，共15912345678股，市值138亿。",
    "$13800138000 €4111111111111111 ￥6200000000000005",
    // Han numerals in prose
    "一生二，二生三，三生万物。一九四九年十月一日，二〇二四年三月十五日。",
    "九章算术曰：今有田广十五步，从十六步。三五七言，四六骈文，一一得一，二二得四，三三得九。",
    "一二三四五，上山打老虎；六七八九十，十一十二十三。",
    // versions, and source code
    "v1.2.3.4 version 10.0.19041.1 Chrome/120.0.0.0 Safari/537.36 openssl-1.1.1.1 1.2.3-beta.4",
    "npm i left-pad@1.3.0 @types/node@20.10.5 react@^18.2.0; image@2x.png icon@3x.webp",
    "git@github.com:org/repo.git ssh://git@host.example.com/x.git user@localhost @decorator",
    "std::vector<int>::iterator a::b dead::beef ::global 12:30:45 aa:bb:cc:dd:ee:ff",
    "127.0.0.1:8080 0.0.0.0 255.255.255.0 localhost:3000",
    "for (int i = 0; i < 10; ++i) x[i] = y[i] * 0.5f - z[i - 1] / (a.b->c + 17);",
    "39.90420, 116.40740; 1920x1080; 4:3; ±0.5; 10^-6; §12.3.4.5",
};

TEST(FalsePositives, NothingIsFoundWhereNothingIs) {
  Scanner scanner(testing::catalog());
  for (const std::string_view text : clean) {
    const auto fed = testing::feed(scanner, text, {});
    EXPECT_TRUE(fed.findings.empty()) << text << "\nfound " << testing::describe(fed.findings);
  }
}

}  // namespace
}  // namespace menshen::detectors
