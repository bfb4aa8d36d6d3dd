// Peers decodes grey pictures by zxing-cpp and ZBar, for measurements beside
// drivers/scanner. It reads pictures from standard input, each a line
// "PEER WIDTH HEIGHT" and WIDTH*HEIGHT bytes, and answers each by a line of
// nanoseconds and the texts found, each =HEX@X,Y with the middle of its code.
#include <zbar.h> // first: zxing-cpp defines a macro that is a class there

#include <ZXing/ReadBarcode.h>
#include <ZXing/ZXVersion.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

using namespace zbar;

// What this thread has used of a core, so that other programs do not count.
static long long nanoseconds()
{
	timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

struct Found { std::string text; double x, y; };

static std::vector<Found> readZXing(const uint8_t* pix, int w, int h)
{
	ZXing::DecodeHints hints;
	hints.setFormats(ZXing::BarcodeFormat::QRCode);
	std::vector<Found> texts;
	for (const auto& r : ZXing::ReadBarcodes({pix, w, h, ZXing::ImageFormat::Lum}, hints))
	{
		double x = 0, y = 0;
		for (const auto& p : r.position())
			x += p.x / 4.0, y += p.y / 4.0;
		texts.push_back({r.text(), x, y});
	}
	return texts;
}

struct ZBar
{
	zbar_image_scanner_t* scanner = zbar_image_scanner_create();
	ZBar()
	{
		zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
		zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
		zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_TEST_INVERTED, 1);
	}
	~ZBar() { zbar_image_scanner_destroy(scanner); }
	std::vector<Found> read(const uint8_t* pix, int w, int h)
	{
		zbar_image_t* image = zbar_image_create();
		zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
		zbar_image_set_size(image, w, h);
		zbar_image_set_data(image, pix, static_cast<unsigned long>(w) * h, nullptr);
		zbar_scan_image(scanner, image);
		std::vector<Found> texts;
		for (auto s = zbar_image_first_symbol(image); s; s = zbar_symbol_next(s))
		{
			double x = 0, y = 0;
			unsigned n = zbar_symbol_get_loc_size(s);
			for (unsigned i = 0; i < n; i++)
				x += double(zbar_symbol_get_loc_x(s, i)) / n, y += double(zbar_symbol_get_loc_y(s, i)) / n;
			texts.push_back({{zbar_symbol_get_data(s), zbar_symbol_get_data_length(s)}, x, y});
		}
		zbar_image_destroy(image);
		return texts;
	}
};

int main()
{
	unsigned major, minor, patch;
	zbar_version(&major, &minor, &patch);
	printf("zxing-cpp %d.%d.%d\tzbar %u.%u.%u\n", ZXING_VERSION_MAJOR, ZXING_VERSION_MINOR, ZXING_VERSION_PATCH, major, minor, patch);
	fflush(stdout);
	ZBar zbar;
	char peer[16];
	int w, h;
	std::vector<uint8_t> pix;
	while (scanf("%15s %d %d", peer, &w, &h) == 3 && getchar() == '\n') {
		pix.resize(static_cast<size_t>(w) * h);
		if (fread(pix.data(), 1, pix.size(), stdin) != pix.size())
			return 1;
		auto start = nanoseconds();
		auto texts = strcmp(peer, "zbar") == 0 ? zbar.read(pix.data(), w, h) : readZXing(pix.data(), w, h);
		printf("%lld", nanoseconds() - start);
		for (const auto& t : texts) {
			printf(" =");
			for (unsigned char c : t.text)
				printf("%02x", c);
			printf("@%.1f,%.1f", t.x, t.y);
		}
		printf("\n");
		fflush(stdout);
	}
}
