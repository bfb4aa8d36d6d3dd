// SPDX-License-Identifier: GPL-2.0
/*
 * An I2C bus with a Melexis MLX90614 at 0x5a and nothing else on it. The
 * kernel's own i2c-stub answers SMBus calls alone; the driver under test sends
 * plain messages (I2C_RDWR) and checks the packet error code itself.
 *
 * What the sensor says and what is wrong with the bus are parameters:
 * /sys/module/i2c_mlx90614/parameters/{emissivity,object,ambient,fault}.
 */
#include <linux/crc8.h>
#include <linux/delay.h>
#include <linux/i2c.h>
#include <linux/module.h>

#define ADDRESS 0x5a

enum { SOUND, UNPLUGGED, NOISY, STUCK };

static ushort emissivity = 0xffff;
module_param(emissivity, ushort, 0644);
static ushort object = 0x3c6b; /* 36.19 degrees Celsius, in units of 0.02 K */
module_param(object, ushort, 0644);
static ushort ambient = 0x3ad2; /* 28.01 */
module_param(ambient, ushort, 0644);
static int fault = SOUND;
module_param(fault, int, 0644);
MODULE_PARM_DESC(fault, "0 sound, 1 unplugged, 2 noisy, 3 a line is held low");

DECLARE_CRC8_TABLE(polynomial);

static int answer(u8 reg, u8 *to, int len)
{
	u8 said[6] = { ADDRESS << 1, reg, ADDRESS << 1 | 1 };
	ushort word;

	switch (reg) {
	case 0x06:
		word = ambient;
		break;
	case 0x07:
		word = object;
		break;
	case 0x24:
		word = emissivity;
		break;
	default:
		return -EREMOTEIO;
	}
	said[3] = word;
	said[4] = word >> 8;
	said[5] = crc8(polynomial, said, 5, 0);
	if (fault == NOISY)
		said[4] ^= 0x01;
	memcpy(to, said + 3, min(len, 3));
	return 0;
}

static int transfer(struct i2c_adapter *adapter, struct i2c_msg *msgs, int n)
{
	int err;

	if (fault == STUCK) {
		/* As a controller does that waits for a line. */
		while (fault == STUCK)
			msleep(20);
		return -ETIMEDOUT;
	}
	if (fault == UNPLUGGED || msgs[0].addr != ADDRESS)
		return -EREMOTEIO;
	if (n != 2 || msgs[0].flags & I2C_M_RD || msgs[0].len != 1 || !(msgs[1].flags & I2C_M_RD))
		return -EOPNOTSUPP;
	err = answer(msgs[0].buf[0], msgs[1].buf, msgs[1].len);
	return err ? err : n;
}

static u32 functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C;
}

static const struct i2c_algorithm algorithm = {
	.master_xfer = transfer,
	.functionality = functionality,
};

static struct i2c_adapter bus = {
	.owner = THIS_MODULE,
	.name = "MLX90614 bench",
	.algo = &algorithm,
	.nr = 9,
};

static int __init start(void)
{
	crc8_populate_msb(polynomial, 0x07);
	return i2c_add_numbered_adapter(&bus);
}

static void __exit stop(void)
{
	fault = UNPLUGGED; /* lets a stuck transfer go */
	i2c_del_adapter(&bus);
}

module_init(start);
module_exit(stop);
MODULE_DESCRIPTION("A bench's infrared thermometer");
MODULE_LICENSE("GPL");
