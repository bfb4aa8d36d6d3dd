// Package thermometer reads the Melexis MLX90614, an infrared thermometer that
// measures a forehead without touching it.
//
// Every word that the sensor sends carries a packet error code (PEC), which is
// checked: a bus beside a barrier's relay is noisy, and a wrong temperature
// accuses a person. A bus that hangs is given up after a limit, and a sensor
// that is unplugged is used again when it is back. What is a fever is for the
// checkpoint's policy to say.
//
// # Datasheet
//
// Melexis, MLX90614 family, 3901090614, revision 13: chapter 8.4 for the SMBus,
// 8.3.3 and 8.4.5 for the addresses and 8.7 for the temperatures.
package thermometer
