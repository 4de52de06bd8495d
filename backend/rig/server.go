package rig
